//! The web app as files to serve, in `dist/web`.
//!
//! Made with cargo, wasm-bindgen and wasm-opt alone, so that a bare machine need not wait for `dx` to compile. Every step is skipped
//! when its input is unchanged.
//!
//! Agreed with `apps/web`: `index.html` is a template, `public/` is copied as it is, and in both `%JS%`, `%WASM%` and `%VERSION%`
//! are replaced in text files. In place of `<!--MODULES-->` the page names the program and all its modules, so that none waits for another
//! one to be read that imports it. `public/sw.js` gets the list of files to keep in place of `/*PRECACHE*/[]` and the version in
//! place of `__VERSION__`. Names under `/assets/` contain the hash of their content and may be cached for ever; nothing else may.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::toolchain::{Toolchain, WASM};
use crate::{alike, names, paths, setup, sh, snip, wasm};

/// The cargo profile of the bundle; see the workspace's Cargo.toml.
pub(crate) const PROFILE: &str = "wasm-release";

/// Builds `dist/web` and returns it. What the tools say goes into `log`, or to the terminal.
pub(crate) fn build(toolchain: &Toolchain, log: Option<&Path>) -> Result<PathBuf> {
    let web = paths::root().join("apps/web");
    let step = |command: &mut Command| match log {
        None => sh::run(command),
        Some(log) if sh::logged(command, log)? => Ok(()),
        Some(_) => Err(Error::new(format!("`{}` failed", sh::shown(command)))),
    };
    let mut cargo = toolchain.cargo();
    cargo.args(["build", "-p", "almanac-web", "--target", WASM, "--profile", PROFILE]);
    step(cargo.env("CARGO_ENCODED_RUSTFLAGS", short_paths()))?;
    let compiled = paths::target().join(WASM).join(PROFILE).join("almanac-web.wasm");
    let bound = paths::target().join("web-bundle");
    bind(&compiled, &bound, "almanac", true, &step)?;

    let dist = paths::web_dist();
    let site = Site::assemble(&web, &bound)?;
    if fs::read_to_string(dist.join("version.txt")).is_ok_and(|old| old == site.version) {
        return Ok(dist);
    }
    // Beside the old one and then renamed, so that a server that is running never sees half a site.
    let fresh = dist.with_extension("new");
    drop(fs::remove_dir_all(&fresh));
    site.write(&fresh)?;
    compress(&fresh)?;
    drop(fs::remove_dir_all(&dist));
    fs::rename(&fresh, &dist).map_err(|e| Error::io("put in place", &dist, &e))?;
    Ok(dist)
}

/// Compiler flags that leave the folders of this machine out of the places that panics name: they are of no use to who reads
/// them, and a download is the same wherever it was built.
fn short_paths() -> String {
    let cargo = std::env::var_os("CARGO_HOME")
        .map_or_else(|| PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cargo"), PathBuf::from);
    let registries = fs::read_dir(cargo.join("registry/src")).into_iter().flatten().flatten().map(|entry| entry.path());
    let folders = registries.chain([paths::root()]);
    let flags: Vec<String> = folders.map(|folder| format!("--remap-path-prefix={}/=", folder.display())).collect();
    flags.join("\u{1f}")
}

/// wasm-bindgen and, for a `small` one, [`snip`], wasm-opt, [`alike`] and short names, unless they ran on this very input before. Makes `<name>.js` and
/// `<name>_bg.wasm`.
pub(crate) fn bind(
    compiled: &Path,
    bound: &Path,
    name: &str,
    small: bool,
    step: &dyn Fn(&mut Command) -> Result<()>,
) -> Result<()> {
    let bindgen = setup::wasm_bindgen_dir()?.join("wasm-bindgen");
    let stamp = Hash::new()
        .add(&read(compiled)?)
        .add(bindgen.to_string_lossy().as_bytes())
        .add(sh::shown(&smallest()).as_bytes())
        .add(names::SOURCE.as_bytes())
        .add(snip::SOURCE.as_bytes())
        .add(alike::SOURCE.as_bytes())
        .add(wasm::SOURCE.as_bytes())
        .add(sh::shown(&sorted()).as_bytes())
        .hex();
    let stamp_file = bound.join("input.stamp");
    if fs::read_to_string(&stamp_file).is_ok_and(|old| old == stamp) {
        return Ok(());
    }
    drop(fs::remove_dir_all(bound));
    step(
        Command::new(&bindgen)
            .arg(compiled)
            .args(["--target", "web", "--no-typescript", "--out-name", name, "--out-dir"])
            .arg(bound),
    )?;
    if small {
        let raw = bound.join(format!("{name}_bg.wasm"));
        let smaller = bound.join("small.wasm");
        fs::write(&raw, snip::snip(&read(&raw)?)?).map_err(|e| Error::io("write", &raw, &e))?;
        step(smallest().arg(&raw).arg("-o").arg(&smaller))?;
        fs::write(&raw, alike::named(&read(&smaller)?)?).map_err(|e| Error::io("write", &raw, &e))?;
        step(sorted().arg(&raw).arg("-o").arg(&smaller))?;
        let glue = bound.join(format!("{name}.js"));
        let (wasm, js) = names::shorten(&read(&smaller)?, &String::from_utf8_lossy(&read(&glue)?))?;
        fs::write(&raw, wasm).map_err(|e| Error::io("write", &raw, &e))?;
        fs::write(&glue, js).map_err(|e| Error::io("write", &glue, &e))?;
        fs::remove_file(&smaller).map_err(|e| Error::io("remove", &smaller, &e))?;
    }
    fs::write(&stamp_file, stamp).map_err(|e| Error::io("write", &stamp_file, &e))
}

/// wasm-opt for a small compressed download. What is left out makes the file smaller and the download larger, since Brotli
/// finds repetition by itself: runs of zeros instead of the places between them (8 KB), the same few instructions instead of
/// one more local (5 KB), calls instead of copies (3 KB), branches that end alike (1 KB). Done twice it finds another 2 KB.
/// That nothing stands in the first kilobyte of the memory (the far end of the stack does) saves 4 KB: places there need not be
/// told from sums that ran over. Without the alignment of reads and writes, a hint that no browser's processor needs, like code is
/// the same code (8 KB).
fn smallest() -> Command {
    let mut command = setup::wasm_opt();
    let skipped = ["memory-packing", "local-cse", "inlining-optimizing", "code-folding"];
    command.args(["--low-memory-unused", "-Oz", "-Oz", "--dealign"]);
    command.args(skipped.map(|pass| format!("--skip-pass={pass}")));
    command
}

/// wasm-opt that puts the functions in the order of their names and takes the names out. It writes small code again: what it reads
/// has lost what it knew when it wrote it.
fn sorted() -> Command {
    let mut command = setup::wasm_opt();
    command.args(["--generate-stack-ir", "--optimize-stack-ir", "--shrink-level=2"]);
    command.args(["--reorder-functions-by-name", "--strip-debug"]);
    command
}

/// All files of the web app, in memory: path below the root, and content. Sorted by path.
struct Site {
    files: Vec<(String, Vec<u8>)>,
    version: String,
}

impl Site {
    fn assemble(web: &Path, bound: &Path) -> Result<Self> {
        let js = read(&bound.join("almanac.js"))?;
        let wasm = read(&bound.join("almanac_bg.wasm"))?;
        let js_path = format!("assets/almanac-{}.js", Hash::new().add(&js).hex());
        let wasm_path = format!("assets/almanac-{}.wasm", Hash::new().add(&wasm).hex());
        let mut files = vec![(js_path.clone(), js), (wasm_path.clone(), wasm)];
        // Small modules that Rust crates bring along; almanac.js imports them relative to itself.
        for file in files_below(&bound.join("snippets"))? {
            files.push((format!("assets/snippets/{}", file), read(&bound.join("snippets").join(&file))?));
        }
        for file in files_below(&web.join("public"))? {
            files.push((file.clone(), read(&web.join("public").join(&file))?));
        }
        let program = format!("<link rel=\"preload\" as=\"fetch\" crossorigin href=\"/{wasm_path}\">");
        let modules = program + &preloads(&files, &js_path);
        files.push(("index.html".to_owned(), read(&web.join("index.html"))?));
        files.sort();
        let version =
            files.iter().fold(Hash::new(), |hash, (path, content)| hash.add(path.as_bytes()).add(content)).hex();
        for (path, content) in &mut files {
            if is_template(path) {
                let text = String::from_utf8_lossy(content)
                    .replace("<!--MODULES-->", &modules)
                    .replace("%JS%", &format!("/{js_path}"))
                    .replace("%WASM%", &format!("/{wasm_path}"))
                    .replace("%VERSION%", &version);
                *content = text.into_bytes();
            }
        }
        let keep = precache(&files);
        if let Some((_, worker)) = files.iter_mut().find(|(path, _)| path == "sw.js") {
            let text = String::from_utf8_lossy(worker).into_owned();
            if !text.contains("/*PRECACHE*/[]") || !text.contains("__VERSION__") {
                return Err(Error::new(
                    "apps/web/public/sw.js has lost its placeholders /*PRECACHE*/[] or __VERSION__",
                ));
            }
            *worker = text.replace("/*PRECACHE*/[]", &keep).replace("__VERSION__", &version).into_bytes();
        }
        Ok(Self { files, version })
    }

    fn write(&self, dist: &Path) -> Result<()> {
        for (path, content) in &self.files {
            let file = dist.join(path);
            if let Some(parent) = file.parent() {
                fs::create_dir_all(parent).map_err(|e| Error::io("create", parent, &e))?;
            }
            fs::write(&file, content).map_err(|e| Error::io("write", &file, &e))?;
        }
        let version = dist.join("version.txt");
        fs::write(&version, &self.version).map_err(|e| Error::io("write", &version, &e))
    }
}

/// Links that fetch the program's module, and those it imports, while the page is read.
fn preloads(files: &[(String, Vec<u8>)], program: &str) -> String {
    let text = files
        .iter()
        .find(|(path, _)| path == program)
        .map_or_else(String::new, |(_, js)| String::from_utf8_lossy(js).into_owned());
    let imported = |path: &str| path.strip_prefix("assets/").is_some_and(|path| text.contains(&format!("'./{path}'")));
    let modules = files.iter().map(|(path, _)| path.as_str()).filter(|path| *path == program || imported(path));
    modules.map(|path| format!("<link rel=\"modulepreload\" href=\"/{path}\">")).collect()
}

/// Files whose placeholders are replaced: ours, not the hashed ones, which are named by their content.
fn is_template(path: &str) -> bool {
    !path.starts_with("assets/")
        && [".html", ".js", ".webmanifest", ".json"].iter().any(|ending| path.ends_with(ending))
}

/// The addresses the service worker keeps, as a JSON list: all but the worker itself. The page is kept as `/`.
fn precache(files: &[(String, Vec<u8>)]) -> String {
    let list: Vec<String> = files
        .iter()
        .filter(|(path, _)| path != "sw.js")
        .map(|(path, _)| if path == "index.html" { "/".to_owned() } else { format!("/{path}") })
        .collect();
    serde_json::Value::from(list).to_string()
}

/// Writes a `.br` beside every file that is worth it. Node carries brotli; at level 11 it costs seconds once and saves every
/// download. Distances of their own (NDIRECT) and such that say their last two bits apart (NPOSTFIX) save 4 KB of the program: its
/// instructions repeat what stood just before.
fn compress(dist: &Path) -> Result<()> {
    const SCRIPT: &str = "
        const fs = require('fs'), zlib = require('zlib'), k = zlib.constants;
        for (const file of process.argv.slice(1)) {
            const data = fs.readFileSync(file);
            const small = zlib.brotliCompressSync(data, {params: {
                [k.BROTLI_PARAM_QUALITY]: 11, [k.BROTLI_PARAM_LGWIN]: 22, [k.BROTLI_PARAM_NDIRECT]: 32,
                [k.BROTLI_PARAM_NPOSTFIX]: 2,
                [k.BROTLI_PARAM_SIZE_HINT]: data.length}});
            if (small.length < data.length * 0.95) fs.writeFileSync(file + '.br', small);
        }";
    let worth = [".html", ".js", ".css", ".wasm", ".json", ".webmanifest", ".svg", ".txt"];
    let mut node = Command::new(setup::node());
    node.args(["-e", SCRIPT, "--"]);
    for file in files_below(dist)? {
        if worth.iter().any(|ending| file.ends_with(ending)) {
            node.arg(dist.join(file));
        }
    }
    sh::run(&mut node)
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).map_err(|e| Error::io("read", file, &e))
}

/// Paths of all files below a folder, relative to it, with `/`, sorted. Nothing when the folder is not there.
fn files_below(dir: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut todo = vec![String::new()];
    while let Some(prefix) = todo.pop() {
        let here = dir.join(&prefix);
        if !here.exists() {
            continue;
        }
        for entry in fs::read_dir(&here).map_err(|e| Error::io("read", &here, &e))?.flatten() {
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() { todo.push(format!("{path}/")) } else { found.push(path) }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let dir = std::env::temp_dir().join(format!("xtask-bundle-{}-{name}", std::process::id()));
        drop(fs::remove_dir_all(&dir));
        for (path, text) in [
            ("web/index.html", "<!--MODULES--><script data-js=\"%JS%\" data-wasm=\"%WASM%\"></script>"),
            ("web/public/sw.js", "const VERSION = '__VERSION__', FILES = /*PRECACHE*/[];"),
            ("web/public/icons/a.svg", "<svg/>"),
            ("bound/almanac.js", "import './snippets/x-1/inline0.js'; export default 1"),
            ("bound/snippets/x-1/spare.js", "export const y = 1"),
            ("bound/almanac_bg.wasm", "\0asm"),
            ("bound/snippets/x-1/inline0.js", "export const x = '%JS%'"),
        ] {
            let file = dir.join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        dir
    }

    fn text<'a>(site: &'a Site, path: &str) -> &'a str {
        let (_, content) = site.files.iter().find(|(p, _)| p == path).unwrap();
        std::str::from_utf8(content).unwrap()
    }

    #[test]
    fn the_page_names_the_hashed_files_and_the_worker_keeps_all_but_itself() {
        let dir = folder("names");
        let site = Site::assemble(&dir.join("web"), &dir.join("bound")).unwrap();
        let js =
            site.files.iter().map(|(p, _)| p).find(|p| p.starts_with("assets/almanac-") && p.ends_with(".js")).unwrap();
        assert!(text(&site, "index.html").contains(&format!("data-js=\"/{js}\"")));
        for module in [js.as_str(), "assets/snippets/x-1/inline0.js"] {
            assert!(text(&site, "index.html").contains(&format!("<link rel=\"modulepreload\" href=\"/{module}\">")));
        }
        assert!(!text(&site, "index.html").contains("spare.js"), "nobody imports it");
        let worker = text(&site, "sw.js");
        assert!(worker.contains(&site.version));
        for kept in ["\"/\"", "\"/icons/a.svg\"", "\"/assets/snippets/x-1/inline0.js\"", &format!("\"/{js}\"")] {
            assert!(worker.contains(kept), "{kept} is not kept: {worker}");
        }
        assert!(!worker.contains("sw.js"));
        assert!(
            text(&site, "assets/snippets/x-1/inline0.js").contains("%JS%"),
            "hashed and generated files stay as they are"
        );
        drop(fs::remove_dir_all(dir));
    }

    #[test]
    fn another_content_is_another_version() {
        let dir = folder("version");
        let before = Site::assemble(&dir.join("web"), &dir.join("bound")).unwrap().version;
        fs::write(dir.join("web/public/icons/a.svg"), "<svg></svg>").unwrap();
        assert_ne!(Site::assemble(&dir.join("web"), &dir.join("bound")).unwrap().version, before);
        drop(fs::remove_dir_all(dir));
    }

    #[test]
    fn a_worker_without_placeholders_is_refused() {
        let dir = folder("worker");
        fs::write(dir.join("web/public/sw.js"), "// nothing").unwrap();
        assert!(Site::assemble(&dir.join("web"), &dir.join("bound")).is_err());
        drop(fs::remove_dir_all(dir));
    }
}
