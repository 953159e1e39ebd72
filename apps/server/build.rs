//! Puts `supabase/migrations/*.sql` into the program, in order, so that a server needs no files beside it.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

fn main() {
    let manifest = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR"));
    let folder = manifest.join("../../supabase/migrations");
    println!("cargo:rerun-if-changed={}", folder.display());
    println!("cargo:rerun-if-changed=build.rs");

    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .map(|entries| entries.filter_map(Result::ok).map(|entry| entry.path()).collect())
        .unwrap_or_default();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "sql"));
    files.sort();

    let mut code = String::from(
        "/// Every migration of this version: (version, name, SQL), oldest first.\npub(super) const MIGRATIONS: &[(&str, &str, &str)] = &[\n",
    );
    for file in files {
        let stem = file.file_stem().and_then(|stem| stem.to_str()).expect("migration names are UTF-8");
        let (version, name) = stem.split_once('_').expect("a migration is called <version>_<name>.sql");
        let path = file.canonicalize().expect("the file was just listed");
        writeln!(code, "    ({version:?}, {name:?}, include_str!({:?})),", path.display().to_string())
            .expect("a String takes it");
    }
    code.push_str("];\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("migrations.rs");
    fs::write(out, code).expect("OUT_DIR can be written");
}
