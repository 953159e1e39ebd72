//! A single-threaded executor over virtual time. Tasks that are ready run in a random order; time moves only when none
//! is. Nothing here looks at a real clock, so a seed decides everything.

use crate::scenario::{Chance, Rng};
use futures::future::BoxFuture;
use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
    future::Future,
    hash::{BuildHasherDefault, Hasher},
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

/// A task that can be killed, as a crash does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TaskId(u64);

/// By the numbers that the executor gives: they need no hashing.
type Numbered<K, V> = HashMap<K, V, BuildHasherDefault<Number>>;

#[derive(Default)]
struct Number(u64);

impl Hasher for Number {
    fn finish(&self) -> u64 {
        // The table looks at the upper bits, too.
        self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0 << 8 | u64::from(*byte));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

struct TaskWaker {
    id: TaskId,
    queued: AtomicBool,
    ready: Arc<Mutex<Vec<TaskId>>>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        if !self.queued.swap(true, Ordering::Relaxed) {
            lock(&self.ready).push(self.id);
        }
    }
}

#[derive(Default)]
struct Shared {
    now: u64,
    counter: u64,
    timers: BinaryHeap<Reverse<(u64, u64)>>,
    wakers: Numbered<u64, Waker>,
    spawned: Vec<(TaskId, BoxFuture<'static, ()>)>,
    killed: Vec<TaskId>,
}

/// What tasks see of the executor.
pub(crate) struct Exec {
    shared: Mutex<Shared>,
    rng: Mutex<Rng>,
}

impl std::fmt::Debug for Exec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exec").finish_non_exhaustive()
    }
}

impl Exec {
    pub(crate) fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self { shared: Mutex::default(), rng: Mutex::new(Rng::new(seed)) })
    }

    /// Virtual µs since the start of the run.
    pub(crate) fn now(&self) -> u64 {
        lock(&self.shared).now
    }

    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> TaskId {
        let mut shared = lock(&self.shared);
        shared.counter += 1;
        let id = TaskId(shared.counter);
        shared.spawned.push((id, Box::pin(task)));
        id
    }

    /// The task runs no further; what it holds is dropped before anything else runs.
    pub(crate) fn kill(&self, id: TaskId) {
        lock(&self.shared).killed.push(id);
    }

    pub(crate) fn sleep(self: &Arc<Self>, time: Duration) -> Sleep {
        let until = self.now() + u64::try_from(time.as_micros()).unwrap_or(u64::MAX / 4);
        Sleep { exec: Arc::clone(self), until, timer: None }
    }
}

impl Chance for Exec {
    fn random(&self) -> u64 {
        lock(&self.rng).next()
    }
}

/// See [`Exec::sleep`].
pub(crate) struct Sleep {
    exec: Arc<Exec>,
    until: u64,
    timer: Option<u64>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let exec = Arc::clone(&self.exec);
        let mut shared = lock(&exec.shared);
        if shared.now >= self.until {
            if let Some(timer) = self.timer.take() {
                shared.wakers.remove(&timer);
            }
            return Poll::Ready(());
        }
        let until = self.until;
        let timer = *self.timer.get_or_insert_with(|| {
            shared.counter += 1;
            let timer = shared.counter;
            shared.timers.push(Reverse((until, timer)));
            timer
        });
        shared.wakers.insert(timer, cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(timer) = self.timer {
            lock(&self.exec.shared).wakers.remove(&timer);
        }
    }
}

/// Runs the tasks.
pub(crate) struct Runner {
    exec: Arc<Exec>,
    ready: Arc<Mutex<Vec<TaskId>>>,
    tasks: Numbered<TaskId, (BoxFuture<'static, ()>, Arc<TaskWaker>)>,
    /// Polls done: a run that spins is found by it.
    pub(crate) polls: u64,
}

/// What [`Runner::step`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A task ran.
    Ran,
    /// Nothing was ready: time may move.
    Idle,
}

impl Runner {
    pub(crate) fn new(exec: Arc<Exec>) -> Self {
        Self { exec, ready: Arc::default(), tasks: Numbered::default(), polls: 0 }
    }

    /// Runs one ready task, if there is one.
    pub(crate) fn step(&mut self) -> Step {
        let id = loop {
            self.take_in();
            let mut ready = lock(&self.ready);
            if ready.is_empty() {
                return Step::Idle;
            }
            let index = self.exec.below(ready.len() as u64) as usize;
            let id = ready.swap_remove(index);
            drop(ready);
            if self.tasks.contains_key(&id) {
                break id;
            }
        };
        self.polls += 1;
        if let Some((future, task)) = self.tasks.get_mut(&id) {
            task.queued.store(false, Ordering::Relaxed);
            let waker = Waker::from(Arc::clone(task));
            if future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
                self.tasks.remove(&id);
            }
        }
        self.take_in();
        Step::Ran
    }

    /// Moves time to the next timer. False: there is none, or it is later than `until`, which is then the time.
    pub(crate) fn advance(&mut self, until: u64) -> bool {
        let mut shared = lock(&self.exec.shared);
        loop {
            match shared.timers.peek() {
                // A dropped sleep leaves its timer behind: it moves no time.
                Some(Reverse((_, timer))) if !shared.wakers.contains_key(timer) => {
                    shared.timers.pop();
                }
                Some(Reverse((at, timer))) if *at <= until => {
                    let (at, timer) = (*at, *timer);
                    shared.timers.pop();
                    shared.now = at;
                    let waker = shared.wakers.remove(&timer);
                    drop(shared);
                    if let Some(waker) = waker {
                        waker.wake();
                    }
                    return true;
                }
                _ => {
                    shared.now = until;
                    return false;
                }
            }
        }
    }

    fn take_in(&mut self) {
        loop {
            let mut shared = lock(&self.exec.shared);
            if shared.spawned.is_empty() && shared.killed.is_empty() {
                return;
            }
            let (spawned, killed) = (std::mem::take(&mut shared.spawned), std::mem::take(&mut shared.killed));
            drop(shared);
            for (id, future) in spawned {
                let waker = Arc::new(TaskWaker { id, queued: AtomicBool::new(true), ready: Arc::clone(&self.ready) });
                self.tasks.insert(id, (future, waker));
                lock(&self.ready).push(id);
            }
            for id in killed {
                self.tasks.remove(&id);
            }
        }
    }
}

/// Lets other ready tasks run first.
pub(crate) async fn yield_now() {
    let mut yielded = false;
    futures::future::poll_fn(|cx| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_moves_only_when_nothing_is_ready_and_timers_fire_in_order() {
        let exec = Exec::new(1);
        let log = Arc::new(Mutex::new(Vec::new()));
        for ms in [30_u64, 10, 20] {
            let (exec2, log) = (Arc::clone(&exec), Arc::clone(&log));
            exec.spawn(async move {
                exec2.sleep(Duration::from_millis(ms)).await;
                lock(&log).push((ms, exec2.now()));
            });
        }
        let mut runner = Runner::new(exec);
        loop {
            if runner.step() == Step::Idle && !runner.advance(1_000_000) {
                break;
            }
        }
        assert_eq!(*lock(&log), [(10, 10_000), (20, 20_000), (30, 30_000)]);
    }

    #[test]
    fn a_killed_task_drops_what_it_holds() {
        let exec = Exec::new(1);
        let held = Arc::new(());
        let (exec2, inner) = (Arc::clone(&exec), Arc::clone(&held));
        let id = exec.spawn(async move {
            exec2.sleep(Duration::from_secs(1)).await;
            drop(inner);
        });
        let mut runner = Runner::new(Arc::clone(&exec));
        while runner.step() == Step::Ran {}
        assert_eq!(Arc::strong_count(&held), 2);
        exec.kill(id);
        while runner.step() == Step::Ran {}
        assert_eq!(Arc::strong_count(&held), 1);
    }
}
