//! A thread that owns a connection and does one job after the other.

use crate::{
    connection::{self, Role},
    error,
};
use almanac_core::{
    platform::BoxFuture,
    store::{OpenError, StoreError},
};
use futures::channel::oneshot;
use rusqlite::Connection;
use std::{
    path::PathBuf,
    sync::mpsc::{Sender, channel},
    thread,
};

type Job = Box<dyn FnOnce(&mut Option<Connection>) + Send>;

/// See the module. The thread ends, and closes its connection, after the last job once the worker is dropped.
pub(crate) struct Worker {
    jobs: Sender<Job>,
}

impl Worker {
    pub(crate) fn start(name: &str, connection: Connection) -> Result<Self, OpenError> {
        let (jobs, todo) = channel::<Job>();
        let mut connection = Some(connection);
        let work = move || {
            for job in todo {
                job(&mut connection);
            }
        };
        thread::Builder::new().name(name.to_owned()).spawn(work).map_err(|e| OpenError::Backend(e.to_string()))?;
        Ok(Self { jobs })
    }

    /// Runs a job on the open connection. It is in the queue when this returns, and is done even if the future is dropped.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> BoxFuture<'static, Result<T, StoreError>> {
        self.submit(move |slot| slot.as_mut().map_or(Err(StoreError::Closed), job))
    }

    /// Closes the connection; later jobs find it closed.
    pub(crate) fn close(&self) -> BoxFuture<'static, Result<(), StoreError>> {
        self.submit(|slot| match slot.take().map(Connection::close) {
            None | Some(Ok(())) => Ok(()),
            Some(Err((connection, why))) => {
                drop(connection);
                Err(error::store(why))
            }
        })
    }

    /// Opens again, unless it is open.
    pub(crate) fn reopen(&self, path: PathBuf, role: Role) -> BoxFuture<'static, Result<(), StoreError>> {
        self.submit(move |slot| {
            if slot.is_none() {
                *slot = Some(connection::open(&path, role).map_err(error::reopening)?);
            }
            Ok(())
        })
    }

    fn submit<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Option<Connection>) -> Result<T, StoreError> + Send + 'static,
    ) -> BoxFuture<'static, Result<T, StoreError>> {
        let (answer, answered) = oneshot::channel();
        let sent = self.jobs.send(Box::new(move |slot| drop(answer.send(job(slot)))));
        Box::pin(async move {
            // Both fail only when the thread died of a panic.
            let lost = || StoreError::Backend("the thread of the local database has ended".to_owned());
            sent.map_err(|_| lost())?;
            answered.await.map_err(|_| lost())?
        })
    }
}
