//! The dependency walls of ARCHITECTURE.md, checked against what cargo really resolves.
//!
//! Reads hit the local store and network calls live in one place: that promise to the reader of the code is only worth something while a
//! machine checks it.

use serde_json::Value;

use crate::error::{Error, Result};
use crate::sh;
use crate::toolchain::Toolchain;

/// Which of our packages each may use. A package that is not listed here fails the check, so that a new one is thought about.
const EDGES: &[(&str, &[&str])] = &[
    ("almanac-core", &[]),
    ("almanac-store-conformance", &["almanac-core"]),
    ("almanac-store-sqlite", &["almanac-core"]),
    ("almanac-store-indexeddb", &["almanac-core"]),
    ("almanac-supabase", &["almanac-core"]),
    ("almanac-data", &["almanac-core"]),
    ("almanac-ui", &["almanac-core", "almanac-data"]),
    ("almanac-web", &["almanac-core", "almanac-data", "almanac-store-indexeddb", "almanac-supabase", "almanac-ui"]),
    (
        "almanac-shell-native",
        &["almanac-core", "almanac-data", "almanac-store-sqlite", "almanac-supabase", "almanac-ui"],
    ),
    (
        "almanac-desktop",
        &[
            "almanac-core",
            "almanac-data",
            "almanac-shell-native",
            "almanac-store-sqlite",
            "almanac-supabase",
            "almanac-ui",
        ],
    ),
    (
        "almanac-mobile",
        &[
            "almanac-core",
            "almanac-data",
            "almanac-shell-native",
            "almanac-store-sqlite",
            "almanac-supabase",
            "almanac-ui",
        ],
    ),
    ("almanac-server", &["almanac-core"]),
    ("almanac-simulation", &["almanac-core"]),
    ("almanac-bench-page", &["almanac-core", "almanac-store-indexeddb", "almanac-supabase"]),
    ("almanac-bench", &["almanac-core", "almanac-server", "almanac-store-sqlite", "almanac-supabase"]),
    (
        "almanac-scenarios",
        &["almanac-core", "almanac-server", "almanac-simulation", "almanac-store-sqlite", "almanac-supabase"],
    ),
    ("xtask", &[]),
];

/// Crates that talk to the network.
const NETWORK: &[&str] = &[
    "reqwest",
    "reqwest-websocket",
    "tungstenite",
    "tokio-tungstenite",
    "tokio-tungstenite-wasm",
    "ws_stream_wasm",
    "gloo-net",
    "ureq",
    "hyper",
];

/// The only packages that may use them directly.
const NETWORK_ALLOWED: &[&str] = &["almanac-supabase", "almanac-server"];

/// What `core` may not reach, not even through others: (name, or its beginning with `*`).
const CORE_FORBIDDEN: &[&str] = &["dioxus*", "rexie", "idb", "rusqlite", "reqwest*", "tokio", "web-sys"];

/// All violations, each as a sentence with the path that leads to it.
pub(crate) fn violations(toolchain: &Toolchain) -> Result<Vec<String>> {
    let text = sh::output(toolchain.cargo().args(["metadata", "--format-version=1", "--no-deps"]))?;
    let metadata: Value =
        serde_json::from_str(&text).map_err(|e| Error::new(format!("cargo metadata is not readable: {e}")))?;
    let mut found = direct(&metadata);
    let tree = sh::output(toolchain.cargo().args([
        "tree",
        "-p",
        "almanac-core",
        "-e",
        "normal,build",
        "--target",
        "all",
        "--prefix",
        "depth",
        "--format",
        " {p}",
        "--no-dedupe",
    ]))?;
    for path in paths_to(&tree, CORE_FORBIDDEN) {
        found.push(format!("almanac-core must do no I/O of its own, but reaches it: {path}"));
    }
    Ok(found)
}

/// What the manifests say: edges between our packages, and direct use of the network.
fn direct(metadata: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let name = package["name"].as_str().unwrap_or_default();
        let Some((_, allowed)) = EDGES.iter().find(|(n, _)| *n == name) else {
            found.push(format!("{name} has no place in the walls yet: add it to xtask/src/walls.rs"));
            continue;
        };
        // Tests may use what they like: the conformance suite, a real server.
        let kept = |d: &&Value| d["kind"].as_str() != Some("dev");
        for dependency in package["dependencies"].as_array().into_iter().flatten().filter(kept) {
            let used = dependency["name"].as_str().unwrap_or_default();
            if EDGES.iter().any(|(n, _)| *n == used) && !allowed.contains(&used) {
                found.push(format!("{name} -> {used} is against the direction of dependencies"));
            }
            if NETWORK.contains(&used) && !NETWORK_ALLOWED.contains(&name) {
                found.push(format!("{name} -> {used}: the network belongs into almanac-supabase"));
            }
        }
    }
    found
}

/// Paths (`a -> b -> c`) in the output of `cargo tree --prefix depth` that end in a forbidden crate, one for each crate.
fn paths_to(tree: &str, forbidden: &[&str]) -> Vec<String> {
    let mut stack: Vec<&str> = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    let mut found = Vec::new();
    for line in tree.lines() {
        let mut words = line.split_whitespace();
        let (Some(depth), Some(name)) = (words.next().and_then(|d| d.parse::<usize>().ok()), words.next()) else {
            continue;
        };
        stack.truncate(depth);
        stack.push(name);
        let hit = forbidden.iter().any(|f| f.strip_suffix('*').map_or(*f == name, |start| name.starts_with(start)));
        if hit && !seen.contains(&name) {
            seen.push(name);
            found.push(stack.join(" -> "));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forbidden_crate_is_found_with_the_path_to_it() {
        let tree = "0 almanac-core v0.1.0 (/x)\n1 serde v1.0.0\n1 chrono v0.4.0\n2 web-sys v0.3.0\n3 js-sys v0.3.0\n1 web-sys v0.3.0\n";
        assert_eq!(paths_to(tree, CORE_FORBIDDEN), ["almanac-core -> chrono -> web-sys"]);
    }

    #[test]
    fn a_star_stands_for_any_ending() {
        assert_eq!(paths_to("0 a v1\n1 dioxus-signals v1\n", &["dioxus*"]), ["a -> dioxus-signals"]);
        assert!(paths_to("0 a v1\n1 tokio-util v1\n", &["tokio"]).is_empty());
    }

    #[test]
    fn an_edge_against_the_direction_and_a_stray_network_call_are_found() {
        let metadata = serde_json::json!({"packages": [
            {"name": "almanac-data", "dependencies": [
                {"name": "almanac-core", "kind": null}, {"name": "almanac-supabase", "kind": null}, {"name": "reqwest", "kind": null},
                {"name": "almanac-store-sqlite", "kind": "dev"}]},
            {"name": "almanac-new", "dependencies": []}]});
        let found = direct(&metadata);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[0].contains("almanac-data -> almanac-supabase"));
        assert!(found[1].contains("almanac-data -> reqwest"));
        assert!(found[2].contains("almanac-new"));
    }
}
