//! `/rest/v1/<table>`: reading and writing rows, as PostgREST does it.

use serde_json::{Value, json};

use crate::common::{Answer, Person, server};

const FULL: (&str, &str) = ("prefer", "return=representation");

/// Makes categories of these names, positions from 1.
async fn categories(person: &Person, names: &[&str]) {
    let rows: Vec<_> =
        names.iter().zip(1..).map(|(name, position)| json!({"name": name, "position": position})).collect();
    person.rest("POST", "/user_categories", &[], json!(rows)).await.expect(201);
}

fn names(rows: &Value) -> Vec<&str> {
    rows.as_array().expect("rows").iter().map(|row| row["name"].as_str().expect("a name")).collect()
}

async fn someone(names: &[&str]) -> Person {
    let person = server().person().await;
    categories(&person, names).await;
    person
}

#[tokio::test]
async fn rows_are_selected_by_columns_with_aliases_casts_and_json_paths() {
    let person = someone(&["One"]).await;
    let rows = person.rows("/user_categories?select=label:name,position::text,color&name=eq.One").await;
    assert_eq!(rows, json!([{"label": "One", "position": "1", "color": "blue"}]));
    let rows = person.rows("/user_categories?select=name,stamps->>name&name=eq.One").await;
    assert_eq!(rows[0]["name"].as_str().map(str::len), Some(33), "the last of two equal names: {rows}");
    let rows = person.rows("/user_categories?select=stamp:stamps->name").await;
    assert!(rows[0]["stamp"].is_string(), "{rows}");
    let whole = person.rows("/user_categories").await;
    assert_eq!(whole[0].as_object().map(|row| row.len()), Some(10), "{whole}");
}

#[tokio::test]
async fn every_operator_filters() {
    let person = someone(&["Alpha", "Beta", "Gamma", "a,b \"(x).y"]).await;
    let id = person.rows("/user_categories?name=eq.Beta&select=id").await[0]["id"].as_str().expect("an id").to_owned();
    for (filter, expected) in [
        ("name=eq.Beta", vec!["Beta"]),
        ("name=neq.Beta", vec!["Alpha", "Gamma", "a,b \"(x).y"]),
        ("position=gt.2", vec!["Gamma", "a,b \"(x).y"]),
        ("position=gte.2&position=lte.3", vec!["Beta", "Gamma"]),
        ("position=lt.2", vec!["Alpha"]),
        ("name=like.*a", vec!["Alpha", "Beta", "Gamma"]),
        ("name=ilike.AL%25", vec!["Alpha"]),
        ("name=match.^[AB]", vec!["Alpha", "Beta"]),
        ("name=imatch.^[ab]e", vec!["Beta"]),
        ("name=in.(Beta,\"a,b \\\"(x).y\")", vec!["Beta", "a,b \"(x).y"]),
        ("name=in.()", vec![]),
        ("name=eq.a,b \"(x).y", vec!["a,b \"(x).y"]),
        ("deleted_at=is.null&position=eq.1", vec!["Alpha"]),
        ("deleted_at=not.is.null", vec![]),
        ("visible=is.true&name=eq.Beta", vec!["Beta"]),
        ("name=not.in.(Alpha,Beta,Gamma)", vec!["a,b \"(x).y"]),
        ("name=isdistinct.Alpha&position=lt.3", vec!["Beta"]),
        ("name=eq(any).{Alpha,Gamma}", vec!["Alpha", "Gamma"]),
        ("name=like(all).{*a,A*}", vec!["Alpha"]),
        ("stamps=cs.{}&name=eq.Beta", vec!["Beta"]),
        ("stamps=cd.{}", vec![]),
        ("stamps->>name=gt.0&name=eq.Beta", vec!["Beta"]),
        ("visible=is.not_null&position=lt.2", vec!["Alpha"]),
        ("visible=is.false", vec![]),
        ("visible=not.is.unknown&position=lt.2", vec!["Alpha"]),
        ("name=gte(any).{Gamma,Zeta}&position=lt.4", vec!["Gamma"]),
        ("name=imatch(all).{a$,^.e}", vec!["Beta"]),
        ("or=(name.eq.Alpha,name.eq.Beta)", vec!["Alpha", "Beta"]),
        ("or=(name.eq.Alpha,and(position.gt.1,not.or(name.eq.Gamma,name.like.a*)))", vec!["Alpha", "Beta"]),
        ("not.and=(position.gte.1,position.lte.3)", vec!["a,b \"(x).y"]),
        ("and=(name.in.(Alpha,Beta),updated_at.gt.\"2020-01-01T00:00:00%2B00:00\")", vec!["Alpha", "Beta"]),
        // The embedded database has no dictionaries, so no language but this.
        ("name=fts(simple).alpha", vec!["Alpha"]),
        ("name=wfts(simple).beta", vec!["Beta"]),
        ("name=plfts(simple).gamma", vec!["Gamma"]),
        ("name=phfts(simple).a b", vec!["a,b \"(x).y"]),
        ("name=not.fts(simple).alpha&position=lt.3", vec!["Beta"]),
        (&format!("id=eq.{id}"), vec!["Beta"]),
        (&format!("id=in.({id})"), vec!["Beta"]),
    ] {
        let rows =
            person.rows(&format!("/user_categories?select=name&order=position&{}", filter.replace(' ', "%20"))).await;
        assert_eq!(names(&rows), expected, "{filter}");
    }
}

#[tokio::test]
async fn order_limit_and_offset_page_through_rows() {
    let person = someone(&["A", "B", "C", "D"]).await;
    let page = |query: &'static str| {
        let person = &person;
        async move { names(&person.rows(&format!("/user_categories?select=name&{query}")).await).concat() }
    };
    assert_eq!(page("order=position.desc").await, "DCBA");
    assert_eq!(page("order=color.asc,name.desc.nullslast&limit=2").await, "DC");
    assert_eq!(page("order=name&limit=2&offset=1").await, "BC");
    assert_eq!(page("order=name&offset=3").await, "D");
    assert_eq!(page("limit=0").await, "");
    assert_eq!(page("order=deleted_at.nullsfirst,name").await, "ABCD");
}

#[tokio::test]
async fn a_range_and_a_count_stand_in_the_headers() {
    let person = someone(&["A", "B", "C"]).await;
    let get = |query: &'static str, headers: &'static [(&'static str, &'static str)]| {
        person.rest("GET", query, headers, Value::Null)
    };
    let range = |answer: &Answer| (answer.status, answer.header("content-range").to_owned());
    let is = |status: u16, text: &str| (status, text.to_owned());
    let exact: &[_] = &[("prefer", "count=exact")];
    assert_eq!(range(&get("/user_categories?limit=2", &[]).await), is(200, "0-1/*"));
    assert_eq!(range(&get("/user_categories?limit=2", exact).await), is(206, "0-1/3"));
    assert_eq!(range(&get("/user_categories", exact).await), is(200, "0-2/3"));
    assert_eq!(range(&get("/user_categories?name=eq.X", exact).await), is(200, "*/0"));
    assert_eq!(range(&get("/user_categories?name=eq.X", &[]).await), is(200, "*/*"));
    assert_eq!(range(&get("/user_categories?offset=9", &[]).await), is(200, "*/*"));
    assert_eq!(range(&get("/user_categories", &[("range", "1-1"), ("prefer", "count=exact")]).await), is(206, "1-1/3"));
    assert_eq!(range(&get("/user_categories?limit=1", &[("prefer", "count=estimated")]).await), is(206, "0-0/3"));
    let planned = get("/user_categories", &[("prefer", "count=planned")]).await;
    assert!(!planned.header("content-range").ends_with("/*"), "{planned:?}");
    let counted = get("/user_categories", exact).await;
    assert_eq!(counted.header("preference-applied"), "count=exact");
    let head = person.rest("HEAD", "/user_categories", exact, Value::Null).await.expect(200);
    assert_eq!((head.header("content-range"), head.text.as_str()), ("0-2/3", ""));

    let beyond = get("/user_categories?offset=9", exact).await;
    crate::rpc::refused(&beyond, 416, "PGRST103");
    assert_eq!(beyond.json()["details"], "An offset of 9 was requested, but there are only 3 rows.");
    assert_eq!(beyond.header("content-length").parse().ok(), Some(beyond.text.len()));
}

#[tokio::test]
async fn an_insert_answers_what_was_asked_for() {
    let person = server().person().await;
    let new = |name: &str| json!({"name": name});
    let plain = person.rest("POST", "/user_categories", &[], new("A")).await.expect(201);
    assert_eq!((plain.text.as_str(), plain.header("content-range")), ("", "*/*"));
    let full = person.rest("POST", "/user_categories?select=name,user_id", &[FULL], new("B")).await.expect(201);
    assert_eq!(full.json(), json!([{"name": "B", "user_id": person.id()}]));
    assert_eq!(full.header("preference-applied"), "return=representation");
    let located =
        person.rest("POST", "/user_categories", &[("prefer", "return=headers-only")], new("C")).await.expect(201);
    let address = located.header("location").to_owned();
    assert!(address.starts_with("/user_categories?id=eq."), "{located:?}");
    assert_eq!(names(&person.rows(&address).await), ["C"]);
    let counted =
        person.rest("POST", "/user_categories", &[("prefer", "count=exact")], json!([new("D"), new("E")])).await;
    assert_eq!(counted.expect(201).header("content-range"), "*/2");
    let none = person.rest("POST", "/user_categories", &[FULL], json!([])).await.expect(201);
    assert_eq!(none.json(), json!([]));
}

#[tokio::test]
async fn missing_keys_are_null_or_the_columns_default() {
    let person = server().person().await;
    let rows = json!([{"name": "A", "color": "red"}, {"name": "B"}]);
    let path = "/user_categories?columns=\"name\",\"color\"&select=name,color";
    let with_default =
        person.rest("POST", path, &[("prefer", "missing=default,return=representation")], rows.clone()).await;
    let with_default = with_default.expect(201);
    assert_eq!(with_default.json(), json!([{"name": "A", "color": "red"}, {"name": "B", "color": "blue"}]));
    assert_eq!(with_default.header("preference-applied"), "missing=default, return=representation");
    crate::rpc::refused(&person.rest("POST", path, &[FULL], rows.clone()).await, 400, "23502");
    // What the list of columns does not name is not written.
    let path = "/user_categories?columns=name&select=name,color";
    let answer =
        person.rest("POST", path, &[FULL], json!({"name": "C", "color": "red", "nonsense": 1})).await.expect(201);
    assert_eq!(answer.json(), json!([{"name": "C", "color": "blue"}]));
    let one = person
        .rest(
            "POST",
            "/user_categories?columns=name,color&select=color",
            &[("prefer", "missing=default,return=representation")],
            json!({"name": "D"}),
        )
        .await
        .expect(201);
    assert_eq!(one.json(), json!([{"color": "blue"}]));
}

#[tokio::test]
async fn an_upsert_merges_or_ignores_what_is_there() {
    let person = server().person().await;
    let id = uuid::Uuid::new_v4();
    let row = |name: &str| json!({"id": id, "name": name});
    let merge = [("prefer", "resolution=merge-duplicates,return=representation")];
    let ignore = [("prefer", "resolution=ignore-duplicates,return=representation")];
    let path = "/user_categories?select=name";
    let first = person.rest("POST", path, &merge, row("A")).await.expect(201);
    assert_eq!(first.header("preference-applied"), "resolution=merge-duplicates, return=representation");
    let again = person.rest("POST", "/user_categories?on_conflict=id&select=name", &merge, row("B")).await.expect(200);
    assert_eq!(names(&again.json()), ["B"]);
    let both = json!([row("C"), {"id": uuid::Uuid::new_v4(), "name": "D"}]);
    person.rest("POST", path, &merge, both).await.expect(201);
    let skipped = person.rest("POST", path, &ignore, row("E")).await.expect(201);
    assert_eq!(skipped.json(), json!([]));
    assert_eq!(names(&person.rows(&format!("{path}&order=name")).await), ["C", "D"]);
    crate::rpc::refused(&person.rest("POST", path, &[], row("F")).await, 409, "23505");
    let twice = json!([row("G"), row("H")]);
    crate::rpc::refused(&person.rest("POST", path, &merge, twice).await, 500, "21000");
}

#[tokio::test]
async fn put_writes_one_row_by_its_key() {
    let person = server().person().await;
    let id = uuid::Uuid::new_v4();
    let path = format!("/user_categories?id=eq.{id}");
    person.rest("PUT", &path, &[FULL], json!({"id": id, "name": "A"})).await.expect(201);
    let again = person.rest("PUT", &path, &[FULL], json!({"id": id, "name": "B"})).await.expect(200);
    assert_eq!(names(&again.json()), ["B"]);
    person.rest("PUT", &path, &[], json!({"id": id, "name": "C"})).await.expect(204);
    let other = json!({"id": uuid::Uuid::new_v4(), "name": "D"});
    crate::rpc::refused(&person.rest("PUT", &path, &[], other).await, 400, "PGRST115");
    let by_name = "/user_categories?name=eq.C";
    crate::rpc::refused(&person.rest("PUT", by_name, &[], json!({"id": id, "name": "C"})).await, 405, "PGRST105");
    crate::rpc::refused(&person.rest("PUT", &format!("{path}&limit=1"), &[], json!({"id": id})).await, 400, "PGRST114");
}

#[tokio::test]
async fn an_update_writes_the_rows_that_pass_the_filters() {
    let person = someone(&["A", "B", "C"]).await;
    let none = person.rest("PATCH", "/user_categories?name=eq.A", &[], json!({"color": "red"})).await.expect(204);
    assert_eq!((none.text.as_str(), none.header("content-range")), ("", "0-0/*"));
    let full = person.rest(
        "PATCH",
        "/user_categories?position=gt.1&select=name,color&order=name.desc",
        &[FULL],
        json!({"color": "green"}),
    );
    assert_eq!(
        full.await.expect(200).json(),
        json!([{"name": "C", "color": "green"}, {"name": "B", "color": "green"}])
    );
    // Compare and set: no row is no error.
    let lost = person
        .rest("PATCH", "/user_categories?name=eq.A&color=eq.blue", &[FULL], json!({"color": "black"}))
        .await
        .expect(200);
    assert_eq!((lost.json(), lost.header("content-range")), (json!([]), "*/*"));
    let nothing = person.rest("PATCH", "/user_categories?name=eq.A", &[FULL], json!({})).await.expect(200);
    assert_eq!(nothing.json(), json!([]));
    let counted =
        person.rest("PATCH", "/user_categories", &[("prefer", "count=exact")], json!({"visible": false})).await;
    assert_eq!(counted.expect(204).header("content-range"), "0-2/3");
}

#[tokio::test]
async fn a_delete_leaves_a_tombstone() {
    let person = someone(&["A", "B"]).await;
    person.rest("DELETE", "/user_categories?name=eq.A", &[], Value::Null).await.expect(204);
    let left = person.rows("/user_categories?select=name&deleted_at=is.null").await;
    assert_eq!(names(&left), ["B"]);
    assert_eq!(names(&person.rows("/user_categories?select=name&deleted_at=not.is.null").await), ["A"]);
    person.rest("DELETE", "/user_categories?name=eq.Nothing", &[FULL], Value::Null).await.expect(200);
}

#[tokio::test]
async fn one_object_is_one_row() {
    let person = someone(&["A", "B"]).await;
    let single = [("accept", "application/vnd.pgrst.object+json")];
    let one = person.rest("GET", "/user_categories?name=eq.A&select=name", &single, Value::Null).await.expect(200);
    assert_eq!(one.json(), json!({"name": "A"}));
    assert_eq!(one.header("content-type"), "application/vnd.pgrst.object+json; charset=utf-8");
    for (path, rows) in [("/user_categories", 2), ("/user_categories?name=eq.X", 0)] {
        let answer = person.rest("GET", path, &single, Value::Null).await;
        crate::rpc::refused(&answer, 406, "PGRST116");
        assert_eq!(answer.json()["details"], format!("The result contains {rows} rows"));
    }
    // A write that would answer with several is undone.
    let both = [single[0], FULL];
    let answer = person.rest("PATCH", "/user_categories?name=in.(A,B)", &both, json!({"color": "red"})).await;
    crate::rpc::refused(&answer, 406, "PGRST116");
    assert_eq!(person.rows("/user_categories?color=eq.red").await, json!([]));
    let new = person.rest("POST", "/user_categories?select=name", &both, json!({"name": "C"})).await.expect(201);
    assert_eq!(new.json(), json!({"name": "C"}));
    let stripped = [("accept", "application/vnd.pgrst.object+json;nulls=stripped")];
    let row = person.rest("GET", "/user_categories?name=eq.A&select=name,deleted_at", &stripped, Value::Null).await;
    assert_eq!(row.expect(200).json(), json!({"name": "A"}));
}

#[tokio::test]
async fn rows_come_as_csv_too() {
    let person = someone(&["A", "B,\"c\""]).await;
    let answer = person.rest(
        "GET",
        "/user_categories?select=name,position&order=position",
        &[("accept", "text/csv")],
        Value::Null,
    );
    let answer = answer.await.expect(200);
    assert_eq!(answer.text, "name,position\nA,1\n\"B,\"\"c\"\"\",2");
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
}

#[tokio::test]
async fn related_rows_are_embedded() {
    let person = server().person().await;
    let event = |title: &str| json!({"title": title, "start_time": "2026-11-23T12:00:00Z", "duration": 30, "start_timestamp_ms": 0, "end_timestamp_ms": 0});
    let made = person
        .rest("POST", "/events?select=id", &[FULL], json!([event("With"), event("Without")]))
        .await
        .expect(201)
        .json();
    let id = &made[0]["id"];
    person.rest("POST", "/event_invites", &[], json!({"event_id": id, "email": "x@example.org"})).await.expect(201);
    person.rest("POST", "/event_invites", &[], json!({"event_id": id, "email": "y@example.org"})).await.expect(201);
    let rows =
        person.rows("/events?select=title,event_invites(email)&order=title&event_invites.order=email.desc").await;
    assert_eq!(
        rows,
        json!([{"title": "With", "event_invites": [{"email": "y@example.org"}, {"email": "x@example.org"}]},
                            {"title": "Without", "event_invites": []}])
    );
    let inner =
        person.rows("/events?select=title,guests:event_invites!inner(email)&guests.email=eq.x@example.org").await;
    assert_eq!(inner, json!([{"title": "With", "guests": [{"email": "x@example.org"}]}]));
    let counted = person
        .rest("GET", "/events?select=title,event_invites!inner()", &[("prefer", "count=exact")], Value::Null)
        .await;
    assert_eq!((counted.header("content-range"), counted.json()), ("0-0/1", json!([{"title": "With"}])));
    let without = person.rows("/events?select=title,event_invites()&event_invites=is.null").await;
    assert_eq!(without, json!([{"title": "Without"}]));
    let parent = person.rows("/event_invites?select=email,events(title)&email=eq.x@example.org").await;
    assert_eq!(parent, json!([{"email": "x@example.org", "events": {"title": "With"}}]));
    let limited = person
        .rows("/events?select=event_invites(email)&title=eq.With&event_invites.limit=1&event_invites.order=email")
        .await;
    assert_eq!(limited, json!([{"event_invites": [{"email": "x@example.org"}]}]));
    crate::rpc::refused(
        &person.rest("GET", "/events?select=user_calendars(name)", &[], Value::Null).await,
        400,
        "PGRST200",
    );
    crate::rpc::refused(
        &person.rest("GET", "/events?select=events!id(title)", &[], Value::Null).await,
        400,
        "PGRST200",
    );
    crate::rpc::refused(
        &person.rest("GET", "/events?event_invites.email=eq.x", &[], Value::Null).await,
        400,
        "PGRST108",
    );
}
