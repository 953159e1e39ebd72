//! What the database holds of a run's accounts, as its superuser sees it.

use almanac_core::{Uuid, key::RowRef, row::Row, table::Table};
use almanac_simulation::real::{Seen, SeenFeed};
use serde_json::Value;
use tokio_postgres::{Client as Sql, Statement};

/// The rows as the wire has them, by table.
const ROWS: &str = "
with mine as (select e.id from public.events e where e.owner_id = any ($1))
select 'user_profiles', almanac.wire(t) from public.user_profiles t where t.id = any ($1)
union all select 'ai_personas', almanac.wire(t) from public.ai_personas t where t.user_id = any ($1)
union all select 'user_calendars', almanac.wire(t) from public.user_calendars t where t.user_id = any ($1)
union all select 'user_categories', almanac.wire(t) from public.user_categories t where t.user_id = any ($1)
union all select 'events', almanac.wire(t) from public.events t where t.owner_id = any ($1)
union all select 'event_details_personal', almanac.wire(t) from public.event_details_personal t join mine on mine.id = t.event_id
union all select 'event_user_roles', almanac.wire(t) from public.event_user_roles t join mine on mine.id = t.event_id
union all select 'event_invites', almanac.wire(t) from public.event_invites t join mine on mine.id = t.event_id";

const FEEDS: &str = "
select h.user_id, h.seq, h.floor, f.table_name, f.row_key, f.seq
  from public.sync_head h left join almanac.sync_feed f on f.user_id = h.user_id
 where h.user_id = any ($1) order by h.user_id, f.seq";

/// Looks at the database.
pub(crate) struct Eye {
    users: Vec<Uuid>,
    rows: Statement,
    feeds: Statement,
}

impl Eye {
    pub(crate) async fn new(sql: &Sql, users: &[Uuid]) -> Self {
        let rows = sql.prepare(ROWS).await.expect("a statement");
        let feeds = sql.prepare(FEEDS).await.expect("a statement");
        Self { users: users.to_vec(), rows, feeds }
    }

    pub(crate) async fn look(&self, sql: &Sql) -> Seen {
        let epoch = sql.query_one("select epoch::text from almanac.sync_meta", &[]).await.expect("an epoch").get(0);
        let rows = sql.query(&self.rows, &[&self.users]).await.expect("rows").into_iter().map(|found| {
            let table = Table::from_name(found.get(0)).expect("a table of ours");
            Row::from_json(table, found.get::<_, Value>(1)).expect("a row of ours")
        });
        let rows = rows.collect();
        let mut feeds: Vec<SeenFeed> = Vec::new();
        for found in sql.query(&self.feeds, &[&self.users]).await.expect("feeds") {
            let user = found.get(0);
            if feeds.last().is_none_or(|feed| feed.user != user) {
                feeds.push(SeenFeed { user, head: number(found.get(1)), floor: number(found.get(2)), entries: vec![] });
            }
            let entry = (found.get::<_, Option<&str>>(3), found.get::<_, Option<String>>(4), found.get(5));
            if let ((Some(table), Some(key), Some(seq)), Some(feed)) = (entry, feeds.last_mut()) {
                let table = Table::from_name(table).expect("a table of ours");
                feed.entries.push((number(seq), RowRef { table, key }));
            }
        }
        Seen { epoch, feeds, rows }
    }
}

fn number(value: i64) -> u64 {
    u64::try_from(value).expect("numbers of feeds are positive")
}
