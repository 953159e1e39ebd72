//! A refusal in any of the shapes a Supabase server, its gateway or a proxy gives it, and what it means.
//!
//! Shapes: `{code,message,details,hint}` (PostgREST), `{code:"…",message}` and `{code:400,error_code,msg}` (auth, new and
//! old), `{error,error_description}` (OAuth), `{message}` (gateway), `{error}` (realtime), or no JSON at all (a proxy).

use almanac_core::{remote::RemoteError, session::AuthError};
use serde_json::Value;
use std::time::Duration;

/// A refusal, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// The code in the body: `PGRST303`, `42501`, `invalid_credentials`, …; empty when there is none.
    pub code: String,
    /// The words in the body, at most 300 characters, or the status in words.
    pub message: String,
    /// The wait the server asked for.
    pub retry_after: Option<Duration>,
}

impl Problem {
    /// Reads the body of a refusal. Never fails: what does not read is told by its status.
    #[must_use]
    pub fn read(status: u16, body: &[u8], retry_after: Option<Duration>) -> Self {
        let json: Value = crate::json::read(body).unwrap_or(Value::Null);
        let text = |name: &str| json.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        // `code` is the status again in auth's old shape, so `error_code` comes first and numbers do not count. `error` is
        // a code only beside its description.
        let oauth = text("error_description").and(text("error"));
        let code = text("error_code").or_else(|| text("code")).or(oauth).unwrap_or_default();
        let words = ["msg", "message", "error_description", "error"].into_iter().find_map(text);
        let message =
            words.map_or_else(|| format!("the server answered {status}"), |words| words.chars().take(300).collect());
        Self { status, code: code.to_owned(), message, retry_after }
    }

    /// Whether the access token is refused and another one may pass.
    #[must_use]
    pub fn is_stale_token(&self) -> bool {
        (self.status == 401 || matches!(self.code.as_str(), "PGRST301" | "PGRST302" | "PGRST303"))
            && self.code != "42501"
    }

    /// What a refused call of a sync function means (`docs/sync.md`, "Push"). It concerns the whole request: refusals of
    /// single rows stand inside an answer of status 200.
    #[must_use]
    pub fn of_rest(self) -> RemoteError {
        let Self { status, code, message, retry_after } = self;
        let said = if code.is_empty() { message } else { format!("{message} ({code})") };
        let class = code.get(..2).filter(|_| code.len() == 5).unwrap_or_default();
        match (status, code.as_str()) {
            (401, _) | (_, "PGRST301" | "PGRST302" | "PGRST303") => RemoteError::Auth(said),
            (_, "PGRST202" | "PGRST204" | "PGRST205" | "42P01" | "42703") => RemoteError::Schema(said),
            (413, _) | (_, "57014") => RemoteError::TooMuch(said),
            (408 | 425 | 429, _) | (_, "PGRST000" | "PGRST001" | "PGRST002" | "PGRST003") => {
                RemoteError::Transport { message: said, retry_after }
            }
            _ if matches!(class, "08" | "40" | "53" | "55" | "57") => {
                RemoteError::Transport { message: said, retry_after }
            }
            // The database itself refuses this very request, and would again: one row of it must be at fault, which the
            // engine finds by sending fewer.
            (400..=499, code) if !code.is_empty() => RemoteError::TooMuch(said),
            (_, "21000") => RemoteError::TooMuch(said),
            _ => RemoteError::Transport { message: said, retry_after },
        }
    }

    /// What a refused call of auth means to a person who signs in or up.
    #[must_use]
    pub fn of_auth(self) -> AuthError {
        let lower = self.message.to_lowercase();
        match (self.status, self.code.as_str()) {
            (_, "invalid_credentials" | "invalid_grant" | "user_not_found") => AuthError::InvalidCredentials,
            (_, "user_already_exists" | "email_exists") => AuthError::EmailTaken,
            (_, "weak_password") => AuthError::WeakPassword(self.message),
            (_, "email_not_confirmed") => AuthError::NotConfirmed,
            (_, "over_request_rate_limit" | "over_email_send_rate_limit") | (429, _) => AuthError::RateLimited,
            // Servers before the codes.
            (400, "") if lower.contains("invalid login") => AuthError::InvalidCredentials,
            (400 | 422, "") if lower.contains("already registered") => AuthError::EmailTaken,
            (408 | 425 | 500.., _) => AuthError::Offline(self.message),
            _ => {
                let code = if self.code.is_empty() { self.status.to_string() } else { self.code };
                AuthError::Refused { code, message: self.message }
            }
        }
    }

    /// What a refused refresh means. A definite no ends the session; anything else leaves it as it is.
    #[must_use]
    pub fn of_refresh(self) -> RemoteError {
        let Self { status, code, message, retry_after } = self;
        // 409: another refresh of the same session is under way.
        let definite = (400..500).contains(&status) && !matches!(status, 408 | 409 | 425 | 429);
        // A 4xx without any code comes from something in between (a proxy, a portal, a gateway), unless it says what
        // servers before the codes said.
        let ours = !code.is_empty() || message.to_lowercase().contains("refresh token");
        if definite && ours { RemoteError::Auth(message) } else { RemoteError::Transport { message, retry_after } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(status: u16, body: &str) -> Problem {
        Problem::read(status, body.as_bytes(), None)
    }

    /// What the engine does with it, in one letter.
    fn class(error: &RemoteError) -> char {
        match error {
            RemoteError::Transport { .. } => 'T',
            RemoteError::TooMuch(_) => 'M',
            RemoteError::Auth(_) => 'A',
            RemoteError::Schema(_) => 'S',
        }
    }

    #[test]
    fn every_shape_gives_its_code_and_words() {
        for (status, body, code, message) in [
            (403, r#"{"code":"42501","message":"denied","details":null,"hint":null}"#, "42501", "denied"),
            (
                400,
                r#"{"code":"invalid_credentials","message":"Invalid login credentials"}"#,
                "invalid_credentials",
                "Invalid login credentials",
            ),
            (
                400,
                r#"{"code":400,"error_code":"invalid_credentials","msg":"Invalid login credentials"}"#,
                "invalid_credentials",
                "Invalid login credentials",
            ),
            (
                400,
                r#"{"error":"invalid_request","error_description":"refresh_token required"}"#,
                "invalid_request",
                "refresh_token required",
            ),
            (401, r#"{"message":"No API key found in request","hint":"…"}"#, "", "No API key found in request"),
            (429, r#"{"error":"too many connections"}"#, "", "too many connections"),
            (502, "<html>Bad Gateway</html>", "", "the server answered 502"),
            (500, "", "", "the server answered 500"),
            (500, "[1]", "", "the server answered 500"),
        ] {
            let problem = read(status, body);
            assert_eq!((problem.code.as_str(), problem.message.as_str()), (code, message), "{body}");
        }
    }

    #[test]
    fn refusals_of_sync_functions_fall_into_the_classes_of_the_table() {
        for (status, code, expected) in [
            // transport
            (408, "", 'T'),
            (425, "", 'T'),
            (429, "", 'T'),
            (500, "", 'T'),
            (502, "", 'T'),
            (503, "PGRST000", 'T'),
            (503, "PGRST001", 'T'),
            (503, "PGRST002", 'T'),
            (504, "PGRST003", 'T'),
            (500, "40001", 'T'),
            (500, "40P01", 'T'),
            (503, "53300", 'T'),
            (500, "55P03", 'T'),
            (503, "57P01", 'T'),
            (503, "08006", 'T'),
            (500, "XX000", 'T'),
            // someone in between
            (403, "", 'T'),
            (404, "", 'T'),
            (418, "", 'T'),
            // too much
            (413, "", 'M'),
            (413, "413", 'M'),
            (500, "57014", 'M'),
            // one row of it
            (400, "22P02", 'M'),
            (400, "23514", 'M'),
            (409, "23505", 'M'),
            (403, "42501", 'M'),
            (400, "P0001", 'M'),
            (500, "21000", 'M'),
            (400, "PGRST102", 'M'),
            // auth
            (401, "PGRST301", 'A'),
            (401, "PGRST302", 'A'),
            (401, "PGRST303", 'A'),
            (401, "42501", 'A'),
            (401, "", 'A'),
            (401, "22023", 'A'),
            // schema
            (404, "PGRST202", 'S'),
            (400, "PGRST204", 'S'),
            (404, "PGRST205", 'S'),
            (404, "42P01", 'S'),
            (400, "42703", 'S'),
        ] {
            let error = Problem { status, code: code.to_owned(), ..Problem::default() }.of_rest();
            assert_eq!(class(&error), expected, "{status} {code}");
        }
    }

    #[test]
    fn the_wait_asked_for_reaches_the_engine() {
        let wait = Some(Duration::from_secs(9));
        let error = Problem::read(503, b"", wait).of_rest();
        assert_eq!(error, RemoteError::Transport { message: "the server answered 503".to_owned(), retry_after: wait });
    }

    #[test]
    fn only_a_refused_token_is_worth_a_refresh() {
        assert!(read(401, r#"{"code":"PGRST303","message":"JWT expired"}"#).is_stale_token());
        assert!(read(401, r#"{"message":"Invalid API key"}"#).is_stale_token());
        // No right without an account: another token of the same account would not help.
        assert!(!read(401, r#"{"code":"42501","message":"denied"}"#).is_stale_token());
        assert!(!read(403, r#"{"code":"42501","message":"denied"}"#).is_stale_token());
    }

    #[test]
    fn refusals_at_sign_in_have_words_for_people() {
        let code = |status, code: &str, message: &str| {
            Problem { status, code: code.to_owned(), message: message.to_owned(), retry_after: None }.of_auth()
        };
        assert_eq!(code(400, "invalid_credentials", ""), AuthError::InvalidCredentials);
        assert_eq!(code(400, "invalid_grant", ""), AuthError::InvalidCredentials);
        assert_eq!(code(400, "", "Invalid login credentials"), AuthError::InvalidCredentials);
        assert_eq!(code(422, "user_already_exists", ""), AuthError::EmailTaken);
        assert_eq!(code(422, "email_exists", ""), AuthError::EmailTaken);
        assert_eq!(code(422, "weak_password", "at least 6"), AuthError::WeakPassword("at least 6".to_owned()));
        assert_eq!(code(400, "email_not_confirmed", ""), AuthError::NotConfirmed);
        assert_eq!(code(429, "over_email_send_rate_limit", ""), AuthError::RateLimited);
        assert_eq!(code(429, "", ""), AuthError::RateLimited);
        assert_eq!(code(503, "", "away"), AuthError::Offline("away".to_owned()));
        let refused = AuthError::Refused { code: "signup_disabled".to_owned(), message: "no".to_owned() };
        assert_eq!(code(422, "signup_disabled", "no"), refused);
    }

    #[test]
    fn only_a_definite_no_ends_the_session() {
        for (status, body, expected) in [
            (400, r#"{"code":"refresh_token_not_found","message":"gone"}"#, 'A'),
            (400, r#"{"code":"refresh_token_already_used","message":"used"}"#, 'A'),
            (400, r#"{"code":"session_expired","message":"over"}"#, 'A'),
            (400, r#"{"error":"invalid_grant","error_description":"Invalid Refresh Token"}"#, 'A'),
            (403, r#"{"code":"session_not_found","message":"gone"}"#, 'A'),
            (409, r#"{"code":"conflict","message":"busy"}"#, 'T'),
            (429, r#"{"code":"over_request_rate_limit","message":"slow"}"#, 'T'),
            (500, "", 'T'),
            (522, "", 'T'),
            (400, r#"{"code":400,"msg":"Invalid Refresh Token"}"#, 'A'),
            (401, r#"{"message":"Invalid API key"}"#, 'T'),
            (403, "<html>blocked</html>", 'T'),
            (404, "<html>no such page</html>", 'T'),
            (400, "<html>portal</html>", 'T'),
        ] {
            assert_eq!(class(&read(status, body).of_refresh()), expected, "{status} {body}");
        }
    }

    proptest! {
        #[test]
        fn no_answer_is_too_strange(status in 100u16..1000, body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let problem = Problem::read(status, &body, None);
            prop_assert!(!problem.message.is_empty());
            let _ = problem.clone().of_rest();
            let _ = problem.clone().of_auth();
            let _ = problem.of_refresh();
        }
    }
}
