//! What a request for a table is refused with: status, code and words of PostgREST, and nothing kept of it.

use serde_json::{Value, json};

use crate::common::{Answer, server};
use crate::rpc::refused;

async fn get(path: &str) -> Answer {
    server().person().await.rest("GET", path, &[], Value::Null).await
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_with_its_place() {
    let person = server().person().await;
    for (query, message) in [
        ("name=noop.0", "\"failed to parse filter (noop.0)\" (line 1, column 1)"),
        ("name=Lunch", "\"failed to parse filter (Lunch)\" (line 1, column 1)"),
        ("name=is.maybe", "\"failed to parse filter (is.maybe)\" (line 1, column 4)"),
        ("or=(name.eq.a", "\"failed to parse logic tree ((name.eq.a)\" (line 1, column 13)"),
        ("select=a(", "\"failed to parse select parameter (a()\" (line 1, column 3)"),
        ("order=name.up", "\"failed to parse order (name.up)\" (line 1, column 6)"),
        ("order=", "\"failed to parse order ()\" (line 1, column 1)"),
        ("name!=eq.1", "\"failed to parse tree path (name!)\" (line 1, column 5)"),
        ("on_conflict=", "\"failed to parse on_conflict parameter ()\" (line 1, column 1)"),
    ] {
        let answer = person.rest("GET", &format!("/user_categories?{query}"), &[], Value::Null).await;
        refused(&answer, 400, "PGRST100");
        let body = answer.json();
        assert_eq!(body["message"], message, "{query}");
        assert!(body["details"].as_str().is_some_and(|text| text.contains("unexpected")), "{body}");
    }
}

#[tokio::test]
async fn unknown_names_and_bad_values_have_their_codes() {
    refused(&get("/nothing_here").await, 404, "PGRST205");
    assert_eq!(
        get("/nothing_here").await.json()["message"],
        "Could not find the table 'public.nothing_here' in the schema cache"
    );
    for query in ["select=nothing", "nothing=eq.1", "order=nothing", "or=(nothing.eq.1,name.eq.2)"] {
        let answer = get(&format!("/user_categories?{query}")).await;
        refused(&answer, 400, "42703");
        assert_eq!(answer.json()["message"], "column user_categories.nothing does not exist", "{query}");
    }
    refused(&get("/user_categories?id=eq.nonsense").await, 400, "22P02");
    refused(&get("/user_categories?updated_at=gt.never").await, 400, "22007");
    refused(&get("/user_categories?id=like.x").await, 404, "42883");
    // Operators of ranges and arrays, which none of our columns is.
    for operator in ["ov", "sl", "sr", "nxl", "nxr", "adj"] {
        let answer = get(&format!("/user_categories?visible={operator}.true")).await;
        refused(&answer, 404, "42883");
        assert!(answer.json()["message"].as_str().is_some_and(|text| text.contains("operator does not exist")));
    }
    refused(&get("/user_categories?select=name::nonsense").await, 400, "42704");
    // Nothing is cast where there are no rows.
    get("/user_categories?select=name::int").await.expect(200);
}

#[tokio::test]
async fn aggregates_other_schemas_and_other_forms_are_refused() {
    let person = server().person().await;
    refused(&get("/user_categories?select=count()").await, 400, "PGRST123");
    refused(&get("/user_categories?select=position.sum()").await, 400, "PGRST123");
    let other = person.rest("GET", "/users", &[("accept-profile", "auth")], Value::Null).await;
    refused(&other, 406, "PGRST106");
    assert_eq!(other.json()["hint"], "Only the following schemas are exposed: public");
    refused(&person.rest("POST", "/users", &[("content-profile", "auth")], json!({})).await, 406, "PGRST106");
    refused(&person.rest("GET", "/events", &[("accept", "image/png")], Value::Null).await, 406, "PGRST107");
    refused(&person.rest("TRACK", "/events", &[], Value::Null).await, 405, "PGRST117");
    refused(&person.rest("DELETE", "/rpc/sync_pull", &[], Value::Null).await, 405, "PGRST101");
    let strict = [("prefer", "handling=strict, nonsense")];
    refused(&person.rest("GET", "/events", &strict, Value::Null).await, 400, "PGRST122");
    let allowed = person.rest("OPTIONS", "/events", &[], Value::Null).await.expect(200);
    assert_eq!(allowed.header("allow"), "OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE");
    for (query, headers) in [("?limit=-1", vec![]), ("", vec![("range", "5-2")])] {
        refused(&person.rest("GET", &format!("/events{query}"), &headers, Value::Null).await, 416, "PGRST103");
    }
}

#[tokio::test]
async fn bodies_that_cannot_be_written_are_refused_and_nothing_is_kept() {
    let person = server().person().await;
    let bearer = format!("Bearer {}", person.token());
    let post = |body: Vec<u8>, kind: &'static str| {
        let bearer = bearer.clone();
        async move {
            let headers = [("authorization", bearer.as_str()), ("content-type", kind)];
            server().ask(reqwest::Method::POST, "/rest/v1/user_categories", &headers, body).await
        }
    };
    for body in [&b""[..], b"{", b"[1,", b"nonsense", b"{\"name\": \"\xff\"}"] {
        refused(&post(body.to_vec(), "application/json").await, 400, "PGRST102");
    }
    refused(&post(br#"[{"name": "A"}, {"color": "red"}]"#.to_vec(), "application/json").await, 400, "PGRST102");
    refused(&post(b"<x/>".to_vec(), "text/xml").await, 400, "PGRST102");
    refused(&post(br#"{"nothing": 1}"#.to_vec(), "application/json").await, 400, "PGRST204");
    refused(&post(br#"{"name": null}"#.to_vec(), "application/json").await, 400, "23502");
    refused(&post(br#"{"name": "\u0000"}"#.to_vec(), "application/json").await, 400, "22P05");
    refused(&post(br#"{"name": "A", "position": "x"}"#.to_vec(), "application/json").await, 400, "22P02");
    refused(&post(br#"{"name": "A", "color": ""}"#.to_vec(), "application/json").await, 400, "23514");
    // Whoever is still sending gets to read why all the same.
    let large = format!(r#"{{"name": "{}"}}"#, "x".repeat(8 * 1024 * 1024)).into_bytes();
    for answer in futures::future::join_all((0..8).map(|_| post(large.clone(), "application/json"))).await {
        assert_eq!((answer.status, &answer.json()["code"]), (413, &json!("413")));
    }
    // One bad row of many fails all.
    refused(&post(br#"[{"name": "A"}, {"name": null}]"#.to_vec(), "application/json").await, 400, "23502");
    assert_eq!(person.rows("/user_categories").await, json!([]));
}

#[tokio::test]
async fn rights_are_the_databases_to_decide() {
    let (ann, bob) = (server().person().await, server().person().await);
    let full = [("prefer", "return=representation")];
    let row = ann.rest("POST", "/user_categories", &full, json!({"name": "Ann's"})).await.expect(201).json();
    let path = format!("/user_categories?id=eq.{}", row[0]["id"].as_str().expect("an id"));
    // What someone may not see is not there for them.
    assert_eq!(bob.rows(&path).await, json!([]));
    let changed = bob.rest("PATCH", &path, &full, json!({"name": "Bob's"})).await.expect(200);
    assert_eq!(changed.json(), json!([]));
    bob.rest("DELETE", &path, &[], Value::Null).await.expect(204);
    assert_eq!(ann.rows(&path).await[0]["name"], "Ann's");
    // What someone may not write is refused.
    let forged = bob.rest("POST", "/user_categories", &[], json!({"name": "x", "user_id": ann.id()})).await;
    refused(&forged, 403, "42501");
    let upsert = [("prefer", "resolution=merge-duplicates")];
    refused(&bob.rest("POST", "/user_categories", &upsert, row.clone()).await, 403, "42501");
    // Someone who has not signed in has no rights at all.
    let anyone = server().get(&format!("/rest/v1{path}"), &[("apikey", &server().key)]).await;
    refused(&anyone, 401, "42501");
    assert_eq!(anyone.header("www-authenticate"), "Bearer");
    refused(&ann.rest("GET", "/sync_head?select=nothing", &[], Value::Null).await, 400, "42703");
    refused(&ann.rest("DELETE", "/user_profiles", &[], Value::Null).await, 403, "42501");
    refused(&ann.rest("PATCH", &path, &[], json!({"user_id": bob.id()})).await, 403, "42501");
    let orphan = json!({"event_id": uuid::Uuid::new_v4(), "calendar_id": null});
    let orphan = ann.rest("POST", "/event_details_personal", &[], orphan).await;
    assert!(matches!(orphan.status, 403 | 409), "{orphan:?}");
}

#[tokio::test]
async fn more_rows_than_expected_are_left_alone() {
    let person = server().person().await;
    person.rest("POST", "/user_categories", &[], json!([{"name": "A"}, {"name": "B"}])).await.expect(201);
    let strict = [("prefer", "handling=strict,max-affected=1")];
    let answer = person.rest("PATCH", "/user_categories", &strict, json!({"color": "red"})).await;
    refused(&answer, 400, "PGRST124");
    assert_eq!(answer.json()["details"], "The query affects 2 rows");
    assert_eq!(person.rows("/user_categories?color=eq.red").await, json!([]));
    let one = person.rest("PATCH", "/user_categories?name=eq.A", &strict, json!({"color": "red"})).await.expect(204);
    assert_eq!(one.header("preference-applied"), "handling=strict, max-affected=1");
}

#[tokio::test]
async fn sql_in_any_place_stays_text() {
    let person = server().person().await;
    person.rest("POST", "/user_categories", &[], json!({"name": "Here"})).await.expect(201);
    let evil = "x'\"); drop table public.user_categories cascade; --";
    let quoted: String = url(evil);
    for query in [
        format!("name=eq.{quoted}"),
        format!("name=in.({quoted})"),
        format!("name=in.(\"{quoted}\")"),
        format!("or=(name.eq.{quoted})"),
        format!("select={quoted}"),
        format!("select=name::{quoted}"),
        format!("select=name:{quoted}"),
        format!("select=\"{quoted}\":name"),
        format!("select=stamps->>{quoted}"),
        format!("select=name,{quoted}(id)"),
        format!("order={quoted}"),
        format!("order=stamps->>\"{quoted}\""),
        format!("limit={quoted}"),
        format!("offset={quoted}"),
        format!("{quoted}=eq.1"),
        format!("\"{quoted}\"=eq.1"),
        format!("stamps->{quoted}=eq.1"),
        format!("name=fts({quoted}).x"),
        format!("columns={quoted}"),
        format!("on_conflict={quoted}"),
        "select=name::text%20as%20x".to_owned(),
        "name=eq.%00".to_owned(),
        "%22a%00b%22=eq.1".to_owned(),
    ] {
        let read = person.rest("GET", &format!("/user_categories?{query}"), &[], Value::Null).await;
        assert!(matches!(read.status, 200 | 400 | 404), "{query}: {read:?}");
        let write = person
            .rest(
                "PATCH",
                &format!("/user_categories?id=is.null&{query}"),
                &[("prefer", "return=representation")],
                json!({"color": evil}),
            )
            .await;
        assert!(matches!(write.status, 200 | 400 | 404), "{query}: {write:?}");
    }
    for table in [evil, "user_categories\"", "user_categories;", "pg_class", "../auth/users"] {
        let answer = person.rest("GET", &format!("/{}", url(table)), &[], Value::Null).await;
        assert!(matches!(answer.status, 404), "{table}: {answer:?}");
    }
    let keys = json!({evil: 1});
    refused(&person.rest("POST", "/user_categories", &[], keys).await, 400, "PGRST204");
    let value = json!({"name": evil, "color": evil});
    let kept = person.rest(
        "POST",
        "/user_categories?select=name,color",
        &[("prefer", "return=representation")],
        value.clone(),
    );
    assert_eq!(kept.await.expect(201).json(), json!([value]));
    assert_eq!(person.rows("/user_categories?name=eq.Here&select=name").await, json!([{"name": "Here"}]));
}

#[tokio::test]
async fn long_lists_are_answered_or_refused_and_the_server_lives_on() {
    let person = server().person().await;
    person.rest("POST", "/user_categories", &[], json!({"name": "n9999"})).await.expect(201);
    let with_any_of = async |list: Vec<String>| {
        let path = format!("/user_categories?select=name&name=in.({})", list.join(","));
        person.rest("GET", &path, &[], Value::Null).await
    };
    let found = with_any_of((0..10_000).map(|n| format!("n{n}")).collect()).await.expect(200);
    assert_eq!(found.json(), json!([{"name": "n9999"}]));
    // Repeated in the answer, it would be more than clients take for headers.
    assert_eq!(found.header("content-location"), "");
    // (Longer addresses than 64 KB are refused by the HTTP library: `operations`.)
    let terms: Vec<_> = (0..2_000).map(|n| format!("name.eq.n{n}")).collect();
    let found = person.rest("GET", &format!("/user_categories?or=({})", terms.join(",")), &[], Value::Null).await;
    assert_eq!(found.expect(200).json(), json!([]));
}

fn url(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[tokio::test]
async fn what_is_nested_too_deeply_is_refused_and_the_database_goes_on() {
    let person = server().person().await;
    let bearer = format!("Bearer {}", person.token());
    let headers = [("authorization", bearer.as_str())];
    let nested = |open: &str, levels: usize, close: &str| format!("{}{}", open.repeat(levels), close.repeat(levels));
    for levels in [600, 3_000, 15_000, 800_000] {
        let deep = nested("[", levels, "]");
        let body = format!(r#"{{"name":{deep}}}"#);
        let answer = server().post("/rest/v1/user_categories", &headers, body.clone()).await.expect(400);
        assert_eq!(answer.json()["code"], "PGRST102", "{levels} {answer:?}");
        server().post("/rest/v1/user_categories?columns=name", &headers, body).await.expect(400);
        let push = format!(r#"{{"p_device":"00c0ffee00c0ffee","p_entries":{deep}}}"#);
        server().post("/rest/v1/rpc/sync_push", &headers, push).await.expect(400);
        // As text it is none of our business; the functions take it for what it is.
        for (function, arguments) in [
            ("sync_push", json!({"p_device": deep, "p_entries": []})),
            ("sync_rows", json!({"p_refs": deep})),
            ("sync_rows", json!({"p_refs": [{"table": deep, "key": deep}]})),
            ("sync_bootstrap", json!({"p_after": deep, "p_window": null})),
            ("sync_window", json!({"p_after": deep, "p_window": deep})),
        ] {
            let answer = person.call(function, arguments).await;
            assert!(answer.status < 500, "{function} {levels} {answer:?}");
        }
    }
    // As long as an address may be.
    for filter in [
        format!("stamps=cs.{}", nested("[", 10_000, "]")),
        format!("stamps=in.({})", nested("[", 10_000, "]")),
        format!("or=(stamps.eq.{})", nested("{", 10_000, "}")),
        format!("title=match.{}", nested("(", 10_000, ")")),
        format!("title=imatch.{}", "(a|b)".repeat(10_000)),
        format!("title=match(any).{{{}}}", "(a|b)".repeat(10_000)),
        format!("title=fts.{}a", "!".repeat(10_000)),
        format!("title=plfts.{}", "a ".repeat(10_000)),
        format!("title=like.{}", "*a".repeat(10_000)),
        format!("stamps{}=eq.1", "-%3Ea".repeat(10_000)),
        format!("select=stamps{}", "-%3Ea".repeat(10_000)),
        format!("order=stamps{}", "-%3Ea".repeat(10_000)),
    ] {
        let answer = person.rest("GET", &format!("/events?{filter}"), &[], Value::Null).await;
        assert_eq!((answer.status, &answer.json()["code"]), (400, &json!("PGRST100")), "{} {answer:?}", &filter[..20]);
    }
    // What people mean goes through.
    let body = json!({"name": "([{".repeat(60)}).to_string();
    server().post("/rest/v1/user_categories", &headers, body).await.expect(201);
    let found = person.rows("/user_categories?select=name&name=like.([{*").await;
    assert_eq!(found.as_array().map(Vec::len), Some(1), "{found}");
}
