//! The simulation is worth what it catches: each rule switched off must break a guarantee on some seed.
//!
//! `README.md` lists what catches which rule.

use almanac_core::mutation::{self, Mutation};
use almanac_simulation::{
    rules::{self, ServerRule},
    run,
};
use std::sync::Mutex;

/// No rule may take more seeds than this to be missed.
const SEEDS: u64 = 600;

fn caught(name: &str, switch: impl Fn(bool), missed: &Mutex<Vec<String>>) {
    switch(true);
    let found = (0..SEEDS).find_map(|seed| run(seed).err());
    switch(false);
    match found {
        // Shown with `--nocapture`, to write the list of the README.
        Some(failure) => {
            eprintln!("{name}: seed {}: {}", failure.seed, failure.why.chars().take(110).collect::<String>())
        }
        None => missed.lock().expect("no worker panics").push(name.to_owned()),
    }
}

#[test]
fn every_rule_of_core_is_missed_when_it_is_off() {
    let missed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for half in [0, 1] {
            let missed = &missed;
            scope.spawn(move || {
                for rule in Mutation::ALL.into_iter().skip(half).step_by(2) {
                    caught(&format!("{rule:?}"), |off| mutation::switch_off(off.then_some(rule)), missed);
                }
            });
        }
    });
    assert_eq!(missed.into_inner().expect("no worker panics"), Vec::<String>::new(), "no seed noticed");
}

#[test]
fn every_rule_of_the_server_is_missed_when_it_is_off() {
    let missed = Mutex::new(Vec::new());
    for rule in ServerRule::ALL {
        caught(&format!("{rule:?}"), |off| rules::switch_off(off.then_some(rule)), &missed);
    }
    assert_eq!(missed.into_inner().expect("no worker panics"), Vec::<String>::new(), "no seed noticed");
}
