//! `/rest/v1/rpc`: functions run as the caller, errors look like PostgREST's.

use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::common::{Answer, Shared, now, on_postgres, server, sign};

/// Functions that only these tests need.
async fn fixtures() -> &'static Shared {
    static READY: OnceCell<()> = OnceCell::const_new();
    READY
        .get_or_init(async || {
            server().sql(
                "create or replace function public.test_whoami() returns jsonb language sql stable as $$
                   select jsonb_build_object('user', current_user, 'uid', auth.uid(), 'role', auth.role(),
                     'path', current_setting('request.path', true), 'method', current_setting('request.method', true),
                     'headers', current_setting('request.headers', true)::jsonb) $$;
                 create or replace function public.test_arguments(p_ids uuid[], p_when timestamptz, p_n int default 5)
                   returns jsonb language sql stable as $$
                   select jsonb_build_object('ids', p_ids, 'when', p_when, 'n', p_n) $$;
                 create or replace function public.test_number() returns int language sql stable as 'select 42';
                 create or replace function public.test_set() returns table (a int, b text) language sql stable as
                   $$ select * from (values (1, 'x'), (2, 'y')) as v $$;
                 create or replace function public.test_void() returns void language sql volatile as '';
                 create or replace function public.test_raise(p_state text, p_message text) returns jsonb
                   language plpgsql as $$
                   begin raise exception using errcode = p_state, message = p_message, detail = 'the detail',
                         hint = 'the hint'; end $$;
                 create or replace function public.test_sleep() returns jsonb language sql as
                   $$ select 'null'::jsonb from pg_sleep(3) $$;
                 create table if not exists public.test_kept (n int);
                 create or replace function public.test_slow() returns void language plpgsql security definer as
                   $$ begin insert into public.test_kept values (1); perform pg_sleep(3); end $$;
                 grant execute on function public.test_slow() to anon;
                 create or replace function public.test_catch() returns jsonb language plpgsql as
                   $$ begin perform 1 / 0; return '1'; exception when others then return '2'; end $$;
                 grant execute on function public.test_catch() to anon;
                 create or replace function public.test_calendars() returns jsonb language sql stable
                   security invoker as $$ select coalesce(jsonb_agg(name), '[]') from public.user_calendars $$;
                 create or replace function public.test_secret() returns jsonb language sql stable
                   security invoker as $$ select to_jsonb(p) from auth.project p $$;
                 create or replace function public.test_members_only() returns jsonb language sql as 'select ''1''::jsonb';
                 revoke all on function public.test_members_only() from public, anon;
                 grant execute on function public.test_members_only() to authenticated;
                 grant execute on function public.test_whoami(), public.test_arguments(uuid[], timestamptz, int),
                   public.test_number(), public.test_set(), public.test_void(), public.test_raise(text, text),
                   public.test_sleep(), public.test_calendars(), public.test_secret() to anon, authenticated;",
            )
            .await;
            // The list of functions is read again at most once a second.
            while server().post("/rest/v1/rpc/test_whoami", &[], "{}").await.status == 404 {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        })
        .await;
    server()
}

/// A call without signing in.
async fn anyone(function: &str, arguments: &str) -> Answer {
    fixtures().await.post(&format!("/rest/v1/rpc/{function}"), &[], arguments.to_owned()).await
}

async fn with_token(token: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    fixtures().await.post("/rest/v1/rpc/test_whoami", &[("authorization", &bearer)], "{}").await
}

#[track_caller]
pub(crate) fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{answer:?}");
    let body = answer.json();
    assert_eq!(body["code"], code, "{answer:?}");
    for field in ["message", "details", "hint"] {
        assert!(body.get(field).is_some(), "no {field}: {body}");
    }
    assert_eq!(answer.header("proxy-status"), format!("PostgREST; error={code}"));
}

#[tokio::test]
async fn a_function_runs_as_the_caller_and_the_next_one_as_the_next() {
    fixtures().await;
    let person = server().person().await;
    let me = person.call("test_whoami", json!({})).await.expect(200).json();
    assert_eq!(
        (&me["user"], &me["uid"], &me["role"]),
        (&json!("authenticated"), &json!(person.id()), &json!("authenticated"))
    );
    // As PostgREST sees it behind Supabase's gateway: without the prefix.
    assert_eq!((&me["method"], &me["path"]), (&json!("POST"), &json!("/rpc/test_whoami")));
    assert_eq!(me["headers"].get("authorization"), None, "SQL sees no tokens");
    let nobody = anyone("test_whoami", "{}").await.expect(200).json();
    assert_eq!((&nobody["user"], &nobody["uid"]), (&json!("anon"), &Value::Null));
}

#[tokio::test]
async fn row_level_security_decides_what_a_caller_sees() {
    fixtures().await;
    let (ann, bob) = (server().person().await, server().person().await);
    ann.push_calendar("Ann's own").await;
    let names = |answer: Answer| answer.expect(200).json().to_string();
    assert!(names(ann.call("test_calendars", json!({})).await).contains("Ann's own"));
    assert!(!names(bob.call("test_calendars", json!({})).await).contains("Ann's own"));
}

#[tokio::test]
async fn the_servers_own_tables_are_out_of_reach() {
    fixtures().await;
    let person = server().person().await;
    refused(&person.call("test_secret", json!({})).await, 403, "42501");
}

#[tokio::test]
async fn arguments_are_read_by_their_declared_types() {
    let id = uuid::Uuid::new_v4();
    let answer =
        anyone("test_arguments", &json!({"p_ids": [id], "p_when": "2026-03-01T11:00:00+01:00"}).to_string()).await;
    let answer = answer.expect(200);
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    assert_eq!(answer.json(), json!({"ids": [id], "when": "2026-03-01T10:00:00+00:00", "n": 5}));
    let bad = anyone("test_arguments", r#"{"p_ids": ["no id"], "p_when": "2026-03-01T11:00:00Z"}"#).await;
    refused(&bad, 400, "22P02");
    refused(&anyone("test_arguments", r#"{"p_ids": [], "p_when": "never"}"#).await, 400, "22007");
}

#[tokio::test]
async fn every_kind_of_result_has_its_form() {
    assert_eq!(anyone("test_number", "{}").await.expect(200).json(), json!(42));
    assert_eq!(anyone("test_set", "").await.expect(200).json(), json!([{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]));
    assert_eq!(anyone("test_void", "{}").await.expect(204).text, "");
    let get = fixtures().await.get("/rest/v1/rpc/test_number", &[("apikey", &server().key)]).await;
    assert_eq!(get.expect(200).json(), json!(42));
}

#[tokio::test]
async fn a_result_has_the_form_that_was_asked_for() {
    let ask = async |function: &str, headers: &[(&str, &str)]| {
        fixtures().await.post(&format!("/rest/v1/rpc/{function}"), headers, "{}").await
    };
    let one = ("accept", "application/vnd.pgrst.object+json");
    let number = ask("test_number", &[one]).await.expect(200);
    assert_eq!(
        (number.text.as_str(), number.header("content-type")),
        ("42", "application/vnd.pgrst.object+json; charset=utf-8")
    );
    let several = ask("test_set", &[one]).await;
    refused(&several, 406, "PGRST116");
    assert_eq!(several.json()["details"], "The result contains 2 rows");
    for (function, prefer, range) in [
        ("test_number", "", "0-0/*"),
        ("test_number", "count=exact", "0-0/1"),
        ("test_set", "", "0-1/*"),
        ("test_set", "count=exact", "0-1/2"),
    ] {
        assert_eq!(ask(function, &[("prefer", prefer)]).await.expect(200).header("content-range"), range, "{function}");
    }
    let head = server().ask(reqwest::Method::HEAD, "/rest/v1/rpc/test_number", &[], "").await.expect(200);
    assert_eq!((head.text.as_str(), head.header("content-range")), ("", "0-0/*"));
    // The gateway's parameter is no argument.
    server().get(&format!("/rest/v1/rpc/test_number?apikey={}", server().key), &[]).await.expect(200);
}

/// Each answers one value, so there is nothing to select, filter or order by.
#[tokio::test]
async fn what_a_function_does_not_offer_is_refused() {
    let ask = async |query: &str, headers: &[(&str, &str)]| {
        fixtures().await.post(&format!("/rest/v1/rpc/test_number{query}"), headers, "{}").await
    };
    for (query, column) in [
        ("?select=a", "a"),
        ("?a=eq.1", "a"),
        ("?order=a.desc", "a"),
        ("?or=(and(b.eq.1),a.eq.1)", "b"),
        ("?select=a,b&c=gt.1", "a"),
    ] {
        let answer = ask(query, &[]).await;
        refused(&answer, 400, "42703");
        assert_eq!(answer.json()["message"], format!("column test_number.{column} does not exist"), "{query}");
    }
    ask("?select=*&limit=5", &[]).await.expect(200);
    refused(&ask("?select=a(", &[]).await, 400, "PGRST100");
    refused(&ask("?a=1", &[]).await, 400, "PGRST100");
    refused(&ask("?select=events(id)", &[]).await, 400, "PGRST200");
    refused(&ask("?events.title=eq.x", &[]).await, 400, "PGRST108");
    refused(&ask("", &[("content-profile", "auth")]).await, 406, "PGRST106");
    refused(&ask("", &[("prefer", "handling=strict, nonsense")]).await, 400, "PGRST122");
    for media in ["image/png", "text/csv", "application/vnd.pgrst.array+json;nulls=stripped"] {
        refused(&ask("", &[("accept", media)]).await, 406, "PGRST107");
    }
    let get = async |query: &str, headers: &[(&str, &str)]| {
        let headers = [headers, &[("apikey", server().key.as_str())]].concat();
        server().get(&format!("/rest/v1/rpc/test_number{query}"), &headers).await
    };
    refused(&get("?select=a", &[]).await, 400, "42703");
    refused(&get("?p_x=1", &[]).await, 404, "PGRST202");
    refused(&get("", &[("accept-profile", "auth")]).await, 406, "PGRST106");
}

#[tokio::test]
async fn errors_raised_in_sql_have_their_status() {
    for (state, status) in
        [("P0001", 400), ("PT409", 409), ("42501", 401), ("23505", 409), ("40001", 500), ("23514", 400)]
    {
        let body = json!({"p_state": state, "p_message": "what happened"}).to_string();
        let answer = anyone("test_raise", &body).await;
        refused(&answer, status, state);
        assert_eq!(
            answer.json(),
            json!({"code": state, "message": "what happened", "details": "the detail", "hint": "the hint"})
        );
    }
    let person = server().person().await;
    let answer = person.call("test_raise", json!({"p_state": "42501", "p_message": "no"})).await;
    refused(&answer, 403, "42501");
}

#[tokio::test]
async fn lack_of_rights_is_401_for_anyone_and_403_for_someone() {
    refused(&anyone("test_members_only", "{}").await, 401, "42501");
    let person = server().person().await;
    person.call("test_members_only", json!({})).await.expect(200);
    refused(&anyone("sync_pull", r#"{"p_after": 0, "p_limit": 1}"#).await, 401, "42501");
}

#[tokio::test]
async fn unknown_names_are_not_found() {
    refused(&anyone("test_nothing", "{}").await, 404, "PGRST202");
    refused(&anyone("test_number", r#"{"p_x": 1}"#).await, 404, "PGRST202");
    refused(&anyone("test_arguments", r#"{"p_ids": []}"#).await, 404, "PGRST202");
    refused(&server().get("/rest/v1/test_table", &[("apikey", &server().key)]).await, 404, "PGRST205");
    refused(&server().post("/rest/v1/a/b/c", &[], "{}").await, 404, "PGRST125");
    refused(&server().get("/rest/v1/", &[("apikey", &server().key)]).await, 404, "PGRST126");
    server().get("/rest/v1/", &[]).await.expect(401);
    assert_eq!(server().get("/auth/v1/", &[]).await.expect(404).json()["msg"], "404 page not found");
}

#[tokio::test]
async fn a_function_made_while_the_server_runs_is_found() {
    fixtures().await;
    server()
        .sql(
            "create or replace function public.test_new() returns int language sql as 'select 7';
              grant execute on function public.test_new() to anon",
        )
        .await;
    // The list is read again at most once a second.
    for _ in 0..50 {
        let answer = anyone("test_new", "{}").await;
        if answer.status == 200 {
            return;
        }
        refused(&answer, 404, "PGRST202");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the new function was never found");
}

#[tokio::test]
async fn sql_in_a_name_or_a_value_stays_text() {
    fixtures().await;
    for name in ["test_number();--", "test_number\"", "test_number%27", "%22%3b%20drop%20table%20x"] {
        assert_eq!(server().post(&format!("/rest/v1/rpc/{name}"), &[], "{}").await.status, 404, "{name}");
    }
    let evil = r#"{"p_state\"); drop schema almanac cascade; --": 1}"#;
    refused(&anyone("test_raise", evil).await, 404, "PGRST202");
    let value = "'; drop schema almanac cascade; --";
    let answer = anyone("test_raise", &json!({"p_state": "P0001", "p_message": value}).to_string()).await;
    assert_eq!(answer.json()["message"], value);
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_refused() {
    for body in ["{", "[]", "1", "\"x\"", "\u{0}"] {
        refused(&anyone("test_number", body).await, 400, "PGRST102");
    }
    let invalid = server().post("/rest/v1/rpc/test_number", &[], vec![0xff, 0xfe]).await;
    refused(&invalid, 400, "PGRST102");
    let large = format!(r#"{{"p_state": "P0001", "p_message": "{}"}}"#, "x".repeat(3 * 1024 * 1024));
    assert_eq!(anyone("test_raise", &large).await.status, 413);
    // A NUL cannot be stored as text.
    let nul = anyone("test_raise", r#"{"p_state": "P0001", "p_message": "\u0000"}"#).await;
    refused(&nul, 400, "22P05");
}

#[tokio::test]
async fn tokens_are_checked_as_postgrest_checks_them() {
    let id = uuid::Uuid::new_v4();
    let claims = |exp: i64| json!({"sub": id, "role": "authenticated", "exp": exp});
    let server = fixtures().await;
    let accepted = with_token(&server.token(&claims(now() - 10)).await).await.expect(200);
    assert_eq!(accepted.json()["uid"], json!(id));

    let expired = with_token(&server.token(&claims(now() - 120)).await).await;
    refused(&expired, 401, "PGRST303");
    assert_eq!(expired.json()["message"], "JWT expired");
    assert!(expired.header("www-authenticate").contains("invalid_token"), "{expired:?}");

    refused(&with_token(&sign(&claims(now() + 60), b"another secret")).await, 401, "PGRST301");
    refused(&with_token("garbage").await, 401, "PGRST301");
    // Signed by us, and still not a role that anyone may take.
    let superuser = server.token(&json!({"role": "postgres", "exp": now() + 60})).await;
    refused(&with_token(&superuser).await, 401, "22023");
    let unsigned = "eyJhbGciOiJub25lIn0.eyJyb2xlIjoiYXV0aGVudGljYXRlZCJ9.";
    refused(&with_token(unsigned).await, 401, "PGRST301");
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_stopped_and_nothing_of_it_kept() {
    let server = fixtures().await;
    refused(&anyone("test_slow", "{}").await, 500, "57014");
    let kept: i64 = server
        .with_db(async |session: almanac_server::db::Session| {
            session.query_one("select count(*) from public.test_kept", &[]).await.expect("a number").get(0)
        })
        .await;
    assert_eq!(kept, 0);
}

#[tokio::test]
async fn a_bad_entry_is_refused_and_the_others_are_applied() {
    let person = server().person().await;
    let micros = now() * 1_000_000;
    let stamp = format!("{micros:016}-00c0ffee00c0ffee");
    let event = |duration: i32, generation: u32| {
        let id = uuid::Uuid::new_v4();
        let row = json!({"id": id, "owner_id": person.id(), "title": "Lunch", "start_time": "2026-11-23T12:00:00.000000Z",
            "duration": duration, "all_day": false, "time_zone": "Europe/Berlin", "recurrence": null,
            "start_timestamp_ms": 1_795_435_200_000_i64, "end_timestamp_ms": 1_795_437_900_000_i64, "private": false,
            "location": "", "notes": ""});
        let stamps = json!({"title": stamp, "when": stamp, "private": stamp, "location": stamp, "notes": stamp});
        json!({"table": "events", "key": id, "generation": generation, "row": row, "stamps": stamps})
    };
    let entries = json!([event(30, 1), event(-1, 2), event(45, 3), event(-2, 4), event(60, 5)]);
    let answer = person.call("sync_push", json!({"p_device": "00c0ffee00c0ffee", "p_entries": entries})).await;
    let answer = answer.expect(200).json();
    for field in ["now", "epoch", "at"] {
        assert!(!answer[field].is_null(), "{answer}");
    }
    let results = answer["results"].as_array().expect("results").clone();
    let seen: Vec<_> = results.iter().map(|result| (result["generation"].clone(), result["status"].clone())).collect();
    let expected: Vec<_> = [(1, "done"), (2, "refused"), (3, "done"), (4, "refused"), (5, "done")]
        .map(|(generation, status)| (json!(generation), json!(status)))
        .to_vec();
    assert_eq!(seen, expected, "{answer}");
    for (result, entry) in results.iter().zip(entries.as_array().expect("entries")) {
        assert_eq!((&result["key"], &result["table"]), (&entry["key"], &entry["table"]));
    }
    assert_eq!((&results[1]["code"], &results[1]["row"]), (&json!("invalid"), &Value::Null));
    assert!(results[1]["message"].as_str().is_some_and(|text| text.contains("events_")), "{}", results[1]);
    assert_eq!(results[2]["row"]["duration"], 45);
    // All of it is there, and nothing of the others.
    let pulled = person.call("sync_pull", json!({"p_after": 0, "p_limit": 100})).await.expect(200).json();
    let events = pulled["changes"].as_array().expect("changes").iter().filter(|change| change["table"] == "events");
    assert_eq!(events.count(), 3);
}

#[tokio::test]
async fn a_push_that_is_none_is_refused_as_a_whole() {
    let person = server().person().await;
    for entries in [json!({}), json!("x"), json!(vec![json!({}); 501])] {
        let answer = person.call("sync_push", json!({"p_device": "00c0ffee00c0ffee", "p_entries": entries})).await;
        refused(&answer, 400, "22023");
    }
    let nobody = anyone("sync_push", r#"{"p_device": "00c0ffee00c0ffee", "p_entries": []}"#).await;
    refused(&nobody, 401, "42501");
}

#[tokio::test]
async fn an_error_that_sql_tries_to_catch_harms_nobody_else() {
    let answer = anyone("test_catch", "{}").await;
    if on_postgres() {
        assert_eq!(answer.expect(200).json(), json!(2));
    } else {
        refused(&answer, 400, "22012");
    }
    for _ in 0..3 {
        anyone("test_number", "{}").await.expect(200);
    }
    server().person().await.push_calendar("Still here").await;
}

#[tokio::test]
async fn a_client_that_goes_away_leaves_nothing_behind() {
    fixtures().await;
    let person = server().person().await;
    for _ in 0..20 {
        let call = person.call("test_whoami", json!({}));
        // Dropped at some moment of its way.
        let _ = tokio::time::timeout(std::time::Duration::from_millis(1), call).await;
    }
    let nobody = anyone("test_whoami", "{}").await.expect(200).json();
    assert_eq!((&nobody["user"], &nobody["uid"]), (&json!("anon"), &Value::Null));
}

#[tokio::test]
async fn a_push_of_nothing_but_failing_entries_is_refused_row_by_row() {
    let person = server().person().await;
    // A name that is null breaks a constraint, deep inside the function.
    let entries = [person.calendar(1, &Value::Null), person.calendar(2, &Value::Null)];
    let said = person.call("sync_push", json!({"p_device": "00c0ffee00c0ffee", "p_entries": entries})).await;
    let said = said.expect(200).json();
    assert!(said["results"].as_array().unwrap().iter().all(|r| r["status"] == "refused"), "{said}");
    assert!(said["now"].is_u64() && said["epoch"].is_string(), "{said}");
    // And everyone is still served.
    person.push_calendar("Good").await;
}
