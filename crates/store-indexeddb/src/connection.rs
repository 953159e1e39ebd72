//! The two connections of a store: one of idb for writing, one of rexie for reading.

use crate::{error, schema, timer};
use almanac_core::store::{OpenError, StoreError};
use futures::future::{Either, select};
use idb::{DatabaseEvent as _, Event as _, Factory, Request as _};
use rexie::{Rexie, TransactionMode};
use std::{
    cell::{Cell, RefCell},
    pin::pin,
    rc::{Rc, Weak},
    time::Duration,
};
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::IdbDatabase;

/// Why a store was lost while it was open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// Another tab runs a newer version of the app (or deleted the database); this one must be reloaded.
    Upgrade,
    /// The browser closed the database, for instance because a person cleared the site's data.
    Closed,
}

/// What can be told of it.
type Tell = Box<dyn Fn(Lost)>;

enum Now {
    Open(Open),
    Closed,
    Lost(Lost),
}

struct Open {
    write: IdbDatabase,
    read: Rexie,
    /// Called by the browser for as long as the connection is open.
    listeners: [Closure<dyn FnMut()>; 2],
}

/// The connections of one store.
pub(crate) struct Connections {
    name: String,
    now: RefCell<Now>,
    tell: RefCell<Vec<Tell>>,
}

impl Connections {
    pub(crate) async fn open(name: &str, patience: Duration) -> Result<Rc<Self>, OpenError> {
        let connections =
            Rc::new(Self { name: name.to_owned(), now: RefCell::new(Now::Closed), tell: RefCell::default() });
        connections.reopen(patience).await?;
        Ok(connections)
    }

    /// Opens, unless it is open.
    pub(crate) async fn reopen(self: &Rc<Self>, patience: Duration) -> Result<(), OpenError> {
        if matches!(*self.now.borrow(), Now::Open(_)) {
            return Ok(());
        }
        let (write, read) = both(&self.name, patience).await?;
        let listeners = [Lost::Upgrade, Lost::Closed].map(|why| {
            let connections = Rc::downgrade(self);
            Closure::<dyn FnMut()>::new(move || lost(&connections, why))
        });
        write.set_onversionchange(Some(listeners[0].as_ref().unchecked_ref()));
        write.set_onclose(Some(listeners[1].as_ref().unchecked_ref()));
        self.close();
        *self.now.borrow_mut() = Now::Open(Open { write, read, listeners });
        Ok(())
    }

    /// Closes; what is under way still ends.
    pub(crate) fn close(&self) {
        self.leave(Now::Closed);
    }

    fn leave(&self, next: Now) {
        if let Now::Open(open) = self.now.replace(next) {
            open.write.set_onversionchange(None);
            open.write.set_onclose(None);
            open.write.close();
            open.read.close();
            // One of them may be what is running just now.
            open.listeners.into_iter().for_each(Closure::forget);
        }
    }

    pub(crate) fn on_lost(&self, tell: Tell) {
        self.tell.borrow_mut().push(tell);
    }

    /// A transaction for reading.
    pub(crate) fn reading(&self, stores: &[&str]) -> Result<rexie::Transaction, StoreError> {
        match &*self.now.borrow() {
            Now::Open(open) => open.read.transaction(stores, TransactionMode::ReadOnly).map_err(error::read),
            other => Err(other.why()),
        }
    }

    /// The connection for writing.
    pub(crate) fn writing(&self) -> Result<IdbDatabase, StoreError> {
        match &*self.now.borrow() {
            Now::Open(open) => Ok(open.write.clone()),
            other => Err(other.why()),
        }
    }
}

impl Now {
    fn why(&self) -> StoreError {
        match self {
            Self::Lost(Lost::Upgrade) => {
                StoreError::Blocked("another tab runs a newer version of Almanac; reload this page".to_owned())
            }
            Self::Lost(Lost::Closed) => StoreError::Blocked("the browser closed it; reload this page".to_owned()),
            _ => StoreError::Closed,
        }
    }
}

fn lost(connections: &Weak<Connections>, why: Lost) {
    if let Some(connections) = connections.upgrade() {
        tracing::warn!(?why, "the local database was taken away");
        connections.leave(Now::Lost(why));
        for tell in &*connections.tell.borrow() {
            tell(why);
        }
    }
}

/// Opens both, or gives up after that time; should they open later, they are closed at once. An upgrade that has begun is held
/// up by nobody and takes as long as it takes.
async fn both(name: &str, patience: Duration) -> Result<(IdbDatabase, Rexie), OpenError> {
    let begun = Rc::new(Cell::new(false));
    let opening = {
        let (name, begun) = (name.to_owned(), begun.clone());
        Box::pin(async move {
            let write = upgraded(&name, begun).await?;
            match Rexie::builder(&name).build().await {
                Ok(read) => Ok((write, read)),
                Err(why) => {
                    write.close();
                    Err(error::reading_opens(why))
                }
            }
        })
    };
    let patience = pin!(timer::sleep(patience));
    match select(opening, patience).await {
        Either::Left((opened, _)) => opened,
        Either::Right(((), opening)) if begun.get() => opening.await,
        Either::Right(((), opening)) => {
            wasm_bindgen_futures::spawn_local(async move {
                if let Ok((write, read)) = opening.await {
                    write.close();
                    read.close();
                }
            });
            Err(OpenError::Blocked("another tab holds it; close the other tabs of Almanac".to_owned()))
        }
    }
}

/// Opens the database with the newest schema; tells when an upgrade has begun.
async fn upgraded(name: &str, begun: Rc<Cell<bool>>) -> Result<IdbDatabase, OpenError> {
    let factory = Factory::new().map_err(error::open)?;
    let mut request = factory.open(name, Some(schema::VERSION)).map_err(error::open)?;
    request.on_upgrade_needed(move |event| {
        begun.set(true);
        let transaction = || event.target().ok().and_then(|request| request.transaction());
        let Some(running) = transaction() else { return };
        let step = event.database().and_then(|database| schema::upgrade(&database, running, event.old_version()?));
        if let Err(error) = step {
            tracing::error!(%error, "the upgrade of the local database failed");
            // Then opening fails, and the database stays as it was.
            drop(transaction().map(idb::Transaction::abort));
        }
    });
    let database = match request.await {
        Ok(database) => database,
        Err(why) if error::is_newer(&why) => return Err(newer(&factory, name).await),
        Err(why) => return Err(error::open(why)),
    };
    let has = database.store_names();
    if schema::STORES.iter().all(|store| has.iter().any(|name| name == store)) {
        return Ok(database.into());
    }
    database.close();
    Err(OpenError::Unreadable("it is another program's database".to_owned()))
}

/// The error that names the version found.
async fn newer(factory: &Factory, name: &str) -> OpenError {
    let found = match factory.open(name, None) {
        Ok(request) => request.await.and_then(|database| {
            let version = database.version();
            database.close();
            version
        }),
        Err(error) => Err(error),
    };
    match found {
        Ok(found) => OpenError::Newer { found, known: schema::VERSION },
        Err(why) => error::open(why),
    }
}
