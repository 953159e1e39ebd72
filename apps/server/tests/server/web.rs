//! The web app's files and `/almanac.json`.

use std::fs;
use std::path::Path;

use crate::common::{Answer, client, send, server};

const SCRIPT: &str = "/assets/app-3f9a1c2e.js";

/// What a built web app looks like.
pub(crate) fn fill(dir: &Path) {
    fs::create_dir(dir.join("assets")).expect("a folder");
    for (name, content) in [
        ("index.html", "<!doctype html><title>Almanac</title>".to_owned()),
        ("sw.js", "// the service worker".to_owned()),
        ("manifest.webmanifest", "{}".to_owned()),
        ("assets/app-3f9a1c2e.js", "// the app".to_owned()),
        ("assets/app-3f9a1c2e.js.br", "compressed beforehand".to_owned()),
        ("style.css", "body { color: black }\n".repeat(500)),
    ] {
        fs::write(dir.join(name), content).expect("a file");
    }
    fs::write(dir.join("assets/app_bg-0a1b2c3d4e5f.wasm"), b"\0asm").expect("a file");
}

async fn get(path: &str, headers: &[(&str, &str)]) -> Answer {
    server().get(path, headers).await
}

#[tokio::test]
async fn a_client_learns_where_it_is() {
    let answer = get("/almanac.json", &[]).await.expect(200);
    assert_eq!(answer.header("cache-control"), "no-cache");
    let body = answer.json();
    assert_eq!(body["url"], server().url);
    assert_eq!(body["anon_key"], server().key);
    assert_eq!(body["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(body["schema"].as_str().map(str::len), Some(14), "{body}");
}

#[tokio::test]
async fn what_may_change_is_asked_for_again_and_what_cannot_is_kept() {
    for path in ["/", "/index.html", "/sw.js", "/manifest.webmanifest", "/style.css"] {
        assert_eq!(get(path, &[]).await.expect(200).header("cache-control"), "no-cache", "{path}");
    }
    for path in [SCRIPT, "/assets/app_bg-0a1b2c3d4e5f.wasm"] {
        let caching = get(path, &[]).await.expect(200);
        assert_eq!(caching.header("cache-control"), "public, max-age=31536000, immutable", "{path}");
    }
}

#[tokio::test]
async fn an_unchanged_file_is_not_sent_twice() {
    let first = get("/style.css", &[]).await.expect(200);
    let modified = first.header("last-modified").to_owned();
    let second = get("/style.css", &[("if-modified-since", &modified)]).await.expect(304);
    assert_eq!(second.header("cache-control"), "no-cache");
}

#[tokio::test]
async fn types_are_what_browsers_need() {
    for (path, kind) in [
        ("/", "text/html"),
        (SCRIPT, "text/javascript"),
        ("/assets/app_bg-0a1b2c3d4e5f.wasm", "application/wasm"),
        ("/manifest.webmanifest", "application/manifest+json"),
    ] {
        assert!(get(path, &[]).await.expect(200).header("content-type").starts_with(kind), "{path}");
    }
}

#[tokio::test]
async fn client_routes_get_the_app_and_missing_files_do_not() {
    let page = get("/week/2026-11-22", &[]).await.expect(200);
    assert!(page.text.contains("<title>Almanac</title>"));
    assert_eq!(page.header("cache-control"), "no-cache");
    // A folder is no page and leads nowhere else.
    assert!(get("/assets", &[]).await.expect(200).text.contains("<title>Almanac</title>"));
    get("/assets/gone-12345678.js", &[]).await.expect(404);
    get("/..%2f..%2fetc%2fpasswd", &[]).await.expect(404);
}

#[tokio::test]
async fn files_are_compressed_beforehand_or_on_the_way() {
    let ready = get(SCRIPT, &[("accept-encoding", "gzip, br")]).await.expect(200);
    assert_eq!((ready.header("content-encoding"), ready.text.as_str()), ("br", "compressed beforehand"));
    for encoding in ["br", "gzip"] {
        let answer = get("/style.css", &[("accept-encoding", encoding)]).await.expect(200);
        assert_eq!(answer.header("content-encoding"), encoding);
        assert!(answer.text.len() < 1_000, "{} bytes", answer.text.len());
    }
    assert_eq!(get(SCRIPT, &[]).await.header("content-encoding"), "");
}

#[tokio::test]
async fn a_browser_is_told_what_our_pages_may_do() {
    for path in ["/", SCRIPT, "/almanac.json", "/week"] {
        let answer = get(path, &[]).await.expect(200);
        let policy = answer.header("content-security-policy");
        let host = server().url.trim_start_matches("http://");
        for part in [
            "default-src 'self'",
            "script-src 'self' 'wasm-unsafe-eval'",
            &format!("connect-src 'self' ws://{host} wss://{host}"),
            "frame-ancestors 'none'",
            "object-src 'none'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        let scripts = policy.split(';').find(|part| part.contains("script-src")).expect("a rule for scripts");
        assert!(!scripts.contains("unsafe-inline") && !scripts.contains("'unsafe-eval'"), "{scripts}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
    }
}

#[tokio::test]
async fn a_host_that_is_none_does_not_reach_the_policy() {
    let answer = get("/", &[("host", "evil.example; script-src *")]).await;
    assert!(!answer.header("content-security-policy").contains("evil"), "{answer:?}");
}

#[tokio::test]
async fn pages_of_other_origins_may_not_read_the_api() {
    for path in ["/almanac.json", "/auth/v1/settings", "/rest/v1/x"] {
        let answer = get(path, &[("origin", "https://evil.example"), ("apikey", &server().key)]).await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
    }
}

#[tokio::test]
async fn pages_of_an_origin_that_is_allowed_may_ask_and_read_what_clients_look_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = almanac_server::start(almanac_server::Config {
        listen: ([127, 0, 0, 1], 0).into(),
        database: almanac_server::config::Database::Embedded(folder.path().join("data")),
        allow_origins: vec!["https://app.example".to_owned()],
        ..almanac_server::Config::default()
    })
    .await
    .expect("the server starts");
    let url = format!("{}/auth/v1/token?grant_type=password", running.url());
    let asked = [
        ("access-control-request-method", "PUT"),
        (
            "access-control-request-headers",
            "apikey,authorization,content-type,prefer,x-client-info,x-supabase-api-version",
        ),
    ];
    for (origin, allowed) in [("https://app.example", "https://app.example"), ("https://evil.example", "")] {
        let before = client().request(reqwest::Method::OPTIONS, &url).header("origin", origin);
        let before = send(before, &asked).await;
        assert_eq!(before.header("access-control-allow-origin"), allowed);
        if !allowed.is_empty() {
            assert!(before.header("access-control-allow-methods").contains("PUT"), "{before:?}");
            assert_eq!(before.header("access-control-allow-headers"), asked[1].1);
        }
        let answer = client().post(&url).header("origin", origin).header("apikey", running.anon_key()).body("{");
        let answer = send(answer, &[crate::auth::NEW_SHAPE]).await.expect(400);
        assert_eq!(answer.header("access-control-allow-origin"), allowed);
        let exposed: Vec<_> = answer.header("access-control-expose-headers").split(',').map(str::trim).collect();
        for name in ["content-range", "location", "preference-applied", "x-sb-error-code", "x-supabase-api-version"] {
            assert!(exposed.contains(&name), "{name} is not among {exposed:?}");
        }
    }
    running.stop().await;
}

#[tokio::test]
async fn the_folder_can_be_rebuilt_while_the_server_runs() {
    let path = server().web_dir.path().join("late.txt");
    get("/late.txt", &[]).await.expect(404);
    fs::write(path, "here now").expect("a file");
    assert_eq!(get("/late.txt", &[]).await.expect(200).text, "here now");
}
