//! Who may see and do what, through the REST API: the hand-written matrix of `supabase/tests/matrix.json`, which also says
//! how to read it. `supabase/tests/55_matrix.sql` asserts the same lines through SQL.
//!
//! A request is kept once it is answered. So first comes all that may change nothing, and the rows must be the same after it:
//! whatever is refused leaves nothing behind. Then come the changes, and after each the rows are put back.

use std::collections::BTreeMap;

use almanac_server::db::Session;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::common::{Answer, client, now, on_postgres, send, server, sign};

/// Those with an account, as the matrix names them; its last column is nobody.
const PEOPLE: [&str; 5] = ["ann", "dan", "con", "vic", "sam"];

#[tokio::test]
async fn everyone_sees_and_does_what_the_matrix_says() {
    let matrix = Matrix::read();
    let (secret, http) = (server().secret().await, client());
    let (mut wrong, mut cells) = (Vec::new(), 0);
    for section in list(&matrix.0["sections"]) {
        let asked = matrix.cells(section);
        cells += asked.len();
        let mut world = World::new(&matrix, section, &secret, &http).await;
        let saved = world.saved().await;
        for cell in asked.iter().filter(|cell| !cell.changes()) {
            let got = world.does(cell).await;
            if got != cell.want {
                wrong.push(cell.wrong(&got));
                world.restore(&saved).await;
            }
        }
        assert_eq!(world.saved().await, saved, "{}: what was refused left something behind", section["name"]);
        for cell in asked.iter().filter(|cell| cell.changes()) {
            let got = world.does(cell).await;
            if got != cell.want {
                wrong.push(cell.wrong(&got));
            }
            world.restore(&saved).await;
        }
        assert_eq!(world.saved().await, saved, "{}: a cell did not start from the world", section["name"]);
    }
    assert!(cells > if on_postgres() { 3_000 } else { 1_500 }, "the matrix is there: {cells} cells");
    assert!(wrong.is_empty(), "{} of {cells} cells are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// The tables, and whose rows they are.
const TABLES: [(&str, &str); 8] = [
    ("events", "owner_id"),
    ("event_details_personal", "user_id"),
    ("event_user_roles", "user_id"),
    ("event_invites", "invited_by"),
    ("user_profiles", "id"),
    ("user_calendars", "user_id"),
    ("user_categories", "user_id"),
    ("ai_personas", "user_id"),
];

struct Matrix(Value);

/// One operation of one person.
struct Cell {
    line: String,
    op: String,
    /// Empty for nobody.
    who: &'static str,
    table: String,
    key: Value,
    /// The row that is made, or the columns that are written or read.
    row: Value,
    group: String,
    want: String,
}

impl Cell {
    /// Whether it is meant to change something.
    fn changes(&self) -> bool {
        self.want == "yes" && ["update", "delete", "insert", "push", "create"].contains(&self.op.as_str())
    }

    fn wrong(&self, got: &str) -> String {
        format!("{} | {} {}: got {got}, want {}", self.line, self.who, self.group, self.want)
    }
}

impl Matrix {
    fn read() -> Self {
        let text = include_str!("../../../../supabase/tests/matrix.json");
        Self(serde_json::from_str(text).expect("the matrix is JSON"))
    }

    fn cells(&self, section: &Value) -> Vec<Cell> {
        // The first line names the columns.
        let lines = list(&section["lines"]).iter().skip(1).map(|line| line.as_str().expect("a line"));
        lines.filter(|line| !line.trim().is_empty()).flat_map(|line| self.cells_of(line)).collect()
    }

    fn cells_of(&self, line: &str) -> Vec<Cell> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [op, what, group, wants @ ..] = words.as_slice() else { panic!("no line: {line}") };
        assert_eq!(wants.len(), 6, "{line}");
        let subject = match *op {
            "insert" | "create" => self.0["new"][what].clone(),
            "people" => json!({"key": {"id": format!("${what}")}}),
            "sync_digest" => json!({"table": what}),
            _ => self.0["subjects"][what].clone(),
        };
        assert!(subject.is_object(), "unknown: {line}");
        let table = subject["table"].as_str().unwrap_or_default().to_owned();
        let other = &self.0["others"][group];
        let groups: Map<String, Value> = match *group {
            "-" => Map::from_iter([("-".to_owned(), json!({}))]),
            "*" => self.0["groups"][&table].as_object().expect("the groups of a table").clone(),
            _ if other.is_object() => {
                Map::from_iter([(other["group"].as_str().unwrap_or("-").to_owned(), other["patch"].clone())])
            }
            name => Map::from_iter([(name.to_owned(), self.0["groups"][&table][name].clone())]),
        };
        // The embedded database, which takes its time, sees one group of each line.
        let groups = groups.iter().take(if on_postgres() { usize::MAX } else { 1 });
        let people = PEOPLE.into_iter().chain([""]);
        groups
            .flat_map(|(group, patch)| people.clone().zip(wants).map(move |(who, want)| (group, patch, who, want)))
            .map(|(group, patch, who, want)| Cell {
                line: line.split_whitespace().take(3).collect::<Vec<_>>().join(" "),
                op: (*op).to_owned(),
                who,
                table: table.clone(),
                key: subject["key"].clone(),
                row: if subject["row"].is_object() { subject["row"].clone() } else { patch.clone() },
                group: group.clone(),
                want: (*want).to_owned(),
            })
            .inspect(|cell| assert!(cell.row.is_object(), "unknown group: {line}"))
            .collect()
    }

    /// The columns of a table's key, in order.
    fn key_of(table: &str) -> &'static [&'static str] {
        match table {
            "event_details_personal" | "event_user_roles" => &["event_id", "user_id"],
            "event_invites" => &["event_id", "email"],
            _ => &["id"],
        }
    }
}

/// People and rows that nobody else has.
struct World {
    /// What the names of the matrix stand for here.
    ids: BTreeMap<String, Uuid>,
    tokens: BTreeMap<&'static str, String>,
    groups: Value,
    http: reqwest::Client,
}

impl World {
    /// Makes the people, their rows, and what the section does to them first.
    async fn new(matrix: &Matrix, section: &Value, secret: &[u8], http: &reqwest::Client) -> Self {
        let mut world = Self {
            ids: BTreeMap::new(),
            tokens: BTreeMap::new(),
            groups: matrix.0["groups"].clone(),
            http: http.clone(),
        };
        let mut sql = String::from("begin;");
        for name in PEOPLE {
            let id = world.id(name);
            sql += &format!(
                "insert into auth.users (id, email, email_confirmed_at) values ('{id}', '{name}-{id}@example.org', now());"
            );
            let claims = json!({"sub": id, "role": "authenticated", "aud": "authenticated", "exp": now() + 3600});
            world.tokens.insert(name, sign(&claims, secret));
        }
        sql += "set local role authenticated;";
        for step in list(&matrix.0["world"]) {
            let each = step["as"] == "each";
            for name in PEOPLE.into_iter().filter(|name| each || step["as"] == *name) {
                let row = world.resolved(&step["row"], name);
                let columns: Vec<&str> = row.as_object().expect("a row").keys().map(String::as_str).collect();
                let (table, columns) = (step["table"].as_str().expect("a table"), columns.join(", "));
                let claims = json!({"sub": world.id(name), "role": "authenticated"});
                sql += &format!(
                    "select set_config('request.jwt.claims', '{claims}', true);
                     insert into public.{table} ({columns})
                       select {columns} from jsonb_populate_record(null::public.{table}, '{row}');"
                );
            }
        }
        sql += "commit;";
        server().sql(&sql).await;
        for step in list(&section["steps"]) {
            let who = PEOPLE.into_iter().find(|name| step["as"] == *name).expect("a person");
            let (key, patch) = (world.resolved(&step["key"], who), world.resolved(&step["patch"], who));
            let path = path(step["table"].as_str().expect("a table"), &key, "");
            let method = if step["do"] == "delete" { "DELETE" } else { "PATCH" };
            world.rest(who, method, &path, patch).await.expect(204);
        }
        world
    }

    /// The id of a name, the same whenever it is asked.
    fn id(&mut self, name: &str) -> Uuid {
        *self.ids.entry(name.to_owned()).or_insert_with(Uuid::now_v7)
    }

    /// `$name` replaced by its id here, as `who` reads it.
    fn resolved(&mut self, json: &Value, who: &str) -> Value {
        match json {
            Value::String(text) => match text.strip_prefix('$') {
                Some("me") => json!(self.id(who)),
                Some(name) => json!(self.id(&name.replace("@me", &format!("@{who}")))),
                None => json.clone(),
            },
            Value::Object(fields) => {
                fields.iter().map(|(name, value)| (name.clone(), self.resolved(value, who))).collect()
            }
            Value::Array(items) => items.iter().map(|item| self.resolved(item, who)).collect(),
            _ => json.clone(),
        }
    }

    async fn rest(&self, who: &str, method: &str, path: &str, body: Value) -> Answer {
        let bearer = self.tokens.get(who).map(|token| format!("Bearer {token}"));
        let mut headers = vec![("prefer", "return=minimal,count=exact")];
        headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = self.http.request(method.parse().expect("a method"), format!("{}/rest/v1{path}", server().url));
        send(request.header("apikey", &server().key).body(body), &headers).await
    }

    /// What happens: a cell's word.
    async fn does(&mut self, cell: &Cell) -> String {
        // Nobody has a name too, for what would be theirs.
        let me = if cell.who.is_empty() { "nobody" } else { cell.who };
        let (key, row) = (self.resolved(&cell.key, me), self.resolved(&cell.row, me));
        let (who, table) = (cell.who, cell.table.as_str());
        let answer = match cell.op.as_str() {
            "select" => {
                let columns: Vec<&str> = row.as_object().expect("columns").keys().map(String::as_str).collect();
                let path = path(table, &key, &format!("&select={}", columns.join(",")));
                self.rest(who, "GET", &path, Value::Null).await
            }
            "update" => self.rest(who, "PATCH", &path(table, &key, ""), row).await,
            "insert" => self.rest(who, "POST", &format!("/{table}"), row).await,
            "delete" => self.rest(who, "DELETE", &path(table, &key, ""), Value::Null).await,
            "push" | "create" => self.push(cell, &key, &row).await,
            function => self.call(who, function, arguments(function, table, &key)).await,
        };
        if answer.status >= 400 {
            let code = answer.json()["code"].as_str().unwrap_or_default().to_owned();
            let expected = if who.is_empty() { 401 } else { 403 };
            let no = answer.status == expected && code == "42501";
            return if no { "no".to_owned() } else { format!("{} {code}", answer.status) };
        }
        let seen = match cell.op.as_str() {
            "select" => !list(&answer.json()).is_empty(),
            "insert" => answer.status == 201,
            "update" => answer.status == 204 && answer.header("content-range") != "*/0",
            "delete" => self.is_dead(table, &key).await,
            "push" | "create" => {
                let verdict = answer.json()["results"][0].clone();
                match verdict["code"].as_str() {
                    Some(code) => return code.to_owned(),
                    None => verdict["status"] == "done",
                }
            }
            "sync_digest" => return answer.json()["tables"][table]["count"].to_string(),
            "people" => list(&answer.json()).iter().any(|person| person["user_id"] == key["id"]),
            _ => {
                let answer = answer.json();
                let rows = if answer["changes"].is_array() { &answer["changes"] } else { &answer["rows"] };
                let key = key_text(table, &key);
                list(rows).iter().any(|row| row["table"] == table && row["key"] == key && row["row"].is_object())
            }
        };
        if seen { "yes" } else { "none" }.to_owned()
    }

    async fn call(&self, who: &str, function: &str, arguments: Value) -> Answer {
        self.rest(who, "POST", &format!("/rpc/{function}"), arguments).await
    }

    /// One entry with one group, or all that a new row has.
    async fn push(&self, cell: &Cell, key: &Value, row: &Value) -> Answer {
        let mut whole = key.as_object().cloned().unwrap_or_default();
        whole.extend(row.as_object().cloned().unwrap_or_default());
        let micros =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_micros();
        let stamp = format!("{:016}-00000000000000d1", micros + 10);
        let groups: Vec<&String> = match cell.op.as_str() {
            "push" => vec![&cell.group],
            _ => {
                self.groups[&cell.table].as_object().expect("groups").keys().filter(|group| *group != "life").collect()
            }
        };
        let stamps: Map<String, Value> = groups.into_iter().map(|group| (group.clone(), json!(stamp))).collect();
        let entry = json!({"table": cell.table, "key": key_text(&cell.table, &Value::Object(whole.clone())),
                           "generation": 1, "row": whole, "stamps": stamps});
        self.call(cell.who, "sync_push", json!({"p_device": "00000000000000d1", "p_entries": [entry]})).await
    }

    /// Whether the row is a tombstone, seen with all rights.
    async fn is_dead(&self, table: &str, key: &Value) -> bool {
        let pairs = key.as_object().expect("a key").iter();
        let same: Vec<_> = pairs.map(|(name, value)| format!("{name} = '{}'", text(value))).collect();
        let sql = format!(
            "select exists (select from public.{table} where deleted_at is not null and {})",
            same.join(" and ")
        );
        server().with_db(async move |session: Session| session.query_one(&sql, &[]).await.expect("a row").get(0)).await
    }

    /// Everything these people have, one list of rows a table.
    async fn saved(&self) -> Vec<String> {
        let ids: Vec<Uuid> = self.ids.values().copied().collect();
        let all = async move |session: Session| {
            let mut saved = Vec::new();
            for (table, whose) in TABLES {
                let sql = format!(
                    "select coalesce(jsonb_agg(to_jsonb(x) order by to_jsonb(x)::text), '[]')::text
                       from public.{table} x where {whose} = any($1)"
                );
                saved.push(session.query_one(&sql, &[&ids]).await.expect("a row").get(0));
            }
            saved
        };
        server().with_db(all).await
    }

    /// Makes it that again, behind the back of all triggers.
    async fn restore(&self, saved: &[String]) {
        let ids: Vec<_> = self.ids.values().map(|id| format!("'{id}'")).collect();
        let mut sql = String::from("begin; set local session_replication_role = replica;");
        for ((table, whose), rows) in TABLES.iter().zip(saved) {
            sql += &format!(
                "delete from public.{table} where {whose} in ({});
                 insert into public.{table} select * from jsonb_populate_recordset(null::public.{table}, '{rows}');",
                ids.join(", ")
            );
        }
        server().sql(&(sql + "commit;")).await;
    }
}

fn arguments(function: &str, table: &str, key: &Value) -> Value {
    match function {
        "sync_pull" => json!({"p_after": 0, "p_limit": 1000}),
        "sync_rows" => json!({"p_refs": [{"table": table, "key": key_text(table, key)}]}),
        "sync_digest" => json!({"p_coverage": [[-62_135_596_800_000_i64, 253_402_300_799_999_i64]]}),
        "people" => json!({}),
        _ => json!({"p_from_ms": null, "p_to_ms": null, "p_after": null, "p_limit": 2000}),
    }
}

/// `/table?key=eq.value`
fn path(table: &str, key: &Value, more: &str) -> String {
    let pairs = key.as_object().into_iter().flatten();
    let pairs: Vec<_> = pairs.map(|(name, value)| format!("{name}=eq.{}", text(value))).collect();
    format!("/{table}?{}{more}", pairs.join("&"))
}

/// The key as the wire writes it.
fn key_text(table: &str, row: &Value) -> String {
    Matrix::key_of(table).iter().map(|column| text(&row[column])).collect::<Vec<_>>().join(":")
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
