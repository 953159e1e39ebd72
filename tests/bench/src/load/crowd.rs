//! The people: each with two devices, each sharing an event with the next one.

use super::{Load, device::Device, figures::Figures};
use crate::account::{MemoryVault, Tokio};
use almanac_core::{
    key::RowRef,
    platform::Platform,
    session::{Auth as _, Session},
    stamp::{DeviceId, Stamp},
};
use almanac_supabase::{Client, Config};
use futures::future::join_all;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// Someone.
pub(crate) struct Person {
    pub(crate) session: Session,
    pub(crate) devices: Vec<Arc<Device>>,
}

/// See the module.
pub(crate) struct Crowd {
    pub(crate) people: Vec<Person>,
    /// The event that each person shares with the next.
    shared: Vec<RowRef>,
    load: Load,
}

/// Titles a person wrote on one device and has not seen on the other: the stamp, and when.
#[derive(Default)]
pub(crate) struct Unseen(Mutex<HashMap<RowRef, (Stamp, Instant)>>);

impl Unseen {
    /// A newer edit of the same row takes the place of the one before.
    pub(crate) fn wrote(&self, at: &RowRef, stamp: Stamp) {
        self.0.lock().expect("unseen").insert(at.clone(), (stamp, Instant::now()));
    }

    /// What is waited for, and the device that wrote it.
    pub(crate) fn wanted(&self, at: &RowRef) -> Option<(Stamp, DeviceId)> {
        self.0.lock().expect("unseen").get(at).map(|(stamp, _)| (*stamp, stamp.device))
    }

    /// Since when, unless another one saw it first.
    pub(crate) fn take(&self, at: &RowRef, stamp: Stamp) -> Option<Instant> {
        let mut unseen = self.0.lock().expect("unseen");
        let (wrote, since) = *unseen.get(at)?;
        (wrote == stamp).then(|| unseen.remove(at)).flatten().map(|_| since)
    }
}

impl Crowd {
    /// Signs everybody up and in, and waits until all is quiet.
    pub(crate) async fn gather(config: &Config, load: Load, figures: &Arc<Figures>) -> Self {
        let people = (0..load.people).map(|number| async move {
            let email = format!("person{number}@example.org");
            let client = client(config);
            let session = client.sign_up(email.clone(), PASSWORD.to_owned()).await.expect("signed up");
            let again = client.sign_in(email, PASSWORD.to_owned()).await.expect("signed in");
            let unseen = Arc::default();
            let mut devices = Vec::new();
            for session in [session.clone(), again] {
                devices.push(Device::start(config, session, figures, &unseen).await);
            }
            Person { session, devices }
        });
        // All of them at the same moment, from one address.
        let people: Vec<Person> = join_all(people).await;
        // Not before each knows the server's clock: stamps of what was made earlier are moved, and the audit looks for them as made.
        join_all(people.iter().flat_map(|person| &person.devices).map(|device| device.ready())).await;
        let mut shared = Vec::new();
        for (number, person) in people.iter().enumerate() {
            let event = person.devices[0].make("What we do together").await;
            let next = &people[(number + 1) % people.len()];
            person.devices[0].share(&event, next.session.user_id).await;
            shared.push(event);
        }
        let crowd = Self { people, shared, load };
        join_all(crowd.devices().map(|device| device.ready())).await;
        // Whoever was given an event has it.
        for (number, event) in crowd.shared.iter().enumerate() {
            for device in &crowd.people[(number + 1) % crowd.people.len()].devices {
                super::audit::arrives(device, event).await;
            }
        }
        crowd
    }

    pub(crate) fn devices(&self) -> impl Iterator<Item = &Arc<Device>> {
        self.people.iter().flat_map(|person| &person.devices)
    }

    /// Everybody works until the time is over.
    pub(crate) async fn work(&self) {
        let count = self.people.len();
        let tasks = self.people.iter().enumerate().flat_map(|(number, person)| {
            let events = [self.shared[number].clone(), self.shared[(number + count - 1) % count].clone()];
            person.devices.iter().map(move |device| tokio::spawn(Arc::clone(device).work(self.load, events.to_vec())))
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.expect("a device works to the end");
        }
    }

    /// Waits until every device has sent everything. How long that took.
    pub(crate) async fn settle(&self) -> Duration {
        let begin = Instant::now();
        join_all(self.devices().map(|device| device.sent())).await;
        super::audit::all_agree(self).await;
        begin.elapsed()
    }

    pub(crate) fn edits(&self) -> usize {
        self.devices().map(|device| device.edits.lock().expect("edits").len()).sum()
    }
}

const PASSWORD: &str = "correct horse";

pub(crate) fn client(config: &Config) -> Arc<Client> {
    let platform: Arc<dyn Platform> = Arc::new(Tokio::default());
    Client::new(config.clone(), Arc::new(MemoryVault::default()), platform)
}
