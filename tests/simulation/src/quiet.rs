//! Whether all is at rest in the simulated world, and whether devices are honest about it (`docs/sync.md`, "What must hold", 5).

use crate::{device::Device, exec::lock, scenario::short, world::World};
use almanac_core::{engine::Phase, outbox::Entry};
use std::sync::Arc;

/// Guarantee 5: whether all is sent or stuck, read to the end, and said so.
pub(crate) fn is_quiet(world: &World, devices: &[Arc<Device>]) -> Result<(), String> {
    for device in devices {
        let name = format!("d{}", device.index);
        if !lock(&world.switches)[device.index].running {
            return Err(format!("{name} is down"));
        }
        let waiting = device.waiting();
        let unsent = |entries: &[&Entry]| {
            let entry = entries.iter().find(|entry| entry.stuck.is_none())?;
            Some(format!("{name} has not sent {} {:?}", short(&entry.at), entry.groups.keys().collect::<Vec<_>>()))
        };
        if waiting.entries > waiting.stuck
            && let Some(why) = device.with_entries(unsent)
        {
            return Err(why);
        }
        let state = device.state();
        let server = lock(&world.server);
        if state.resyncing.is_some() || state.epoch.as_deref() != Some(server.epoch_text().as_str()) {
            return Err(format!("{name} is resyncing or in another epoch"));
        }
        if let Some(at) = server.fed(device.user(), state.cursor, u64::MAX).next() {
            return Err(format!("{name} stands at {}, the feed goes on with {}", state.cursor, short(at)));
        }
        drop(server);
        if !state.checks.suspects.is_empty() {
            return Err(format!("{name} suspects {:?}", state.checks.suspects));
        }
        let status = device.leader().map(|engine| engine.status());
        let stuck = waiting.stuck;
        match status {
            Some(status) if status.phase == Phase::UpToDate && status.pending == 0 && status.stuck == stuck => {}
            other => return Err(format!("{name} says {other:?} with {stuck} stuck")),
        }
    }
    Ok(())
}

/// Guarantee 7: data that agree are never repaired. (A row that the server collected and a device made again, because it
/// had not heard of the deletion for "90 days", is another row by the same name: what others know of the first may differ.)
pub(crate) fn no_false_alarm(world: &World, device: &Device) -> Result<(), String> {
    let checks = device.state().checks;
    let collected = !lock(&world.server).collected.is_empty();
    if device.rotted() || collected || checks.repaired_ms.is_none() {
        return Ok(());
    }
    Err(format!("guarantee 7: d{} repaired {:?} without a reason", device.index, checks.repaired))
}

/// "Up to date" is said only with nothing unsent, at every step.
pub(crate) fn honest(device: &Device) -> Result<(), String> {
    let says = device.leader().is_some_and(|engine| engine.is_up_to_date());
    let unsent = if says { device.waiting().entries } else { 0 };
    if unsent > 0 {
        return Err(format!("guarantee 5: d{} says \"up to date\" with {unsent} unsent", device.index));
    }
    Ok(())
}
