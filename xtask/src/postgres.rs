//! A PostgreSQL cluster that lives as long as a test run.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Error, Result};
use crate::sh;

/// The oldest release that the migrations are written for.
const OLDEST: u32 = 15;

/// The folder with `initdb` and `pg_ctl` of the newest release installed, or nothing when there is none that is new enough.
pub(crate) fn programs() -> Option<PathBuf> {
    if let Some(dir) = std::env::var_os("ALMANAC_POSTGRES_BIN") {
        return Some(PathBuf::from(dir));
    }
    let installed = fs::read_dir("/usr/lib/postgresql").ok()?.flatten().filter_map(|entry| {
        let release: u32 = entry.file_name().to_str()?.parse().ok()?;
        let bin = entry.path().join("bin");
        (release >= OLDEST && bin.join("pg_ctl").exists() && bin.join("initdb").exists()).then_some((release, bin))
    });
    installed.max_by_key(|(release, _)| *release).map(|(_, bin)| bin)
}

/// A running throw-away cluster with durable settings (fsync on, as in real use); stopped and removed when dropped.
#[derive(Debug)]
pub(crate) struct Cluster {
    dir: PathBuf,
    programs: PathBuf,
    user: Option<(u32, u32)>,
    port: u16,
}

impl Cluster {
    /// Creates and starts one on a free port, writing into `log`.
    pub(crate) fn start(log: &Path) -> Result<Self> {
        let programs = programs().ok_or_else(|| {
            Error::new(format!("no PostgreSQL {OLDEST} or newer under /usr/lib/postgresql; run cargo xtask setup test"))
        })?;
        let dir = std::env::temp_dir().join(format!("almanac-postgres-{}", std::process::id()));
        drop(fs::remove_dir_all(&dir));
        fs::create_dir_all(&dir).map_err(|e| Error::io("create", &dir, &e))?;
        let cluster = Self { user: unprivileged_user()?, port: free_port()?, programs, dir };
        if let Some((uid, gid)) = cluster.user {
            chown(&cluster.dir, Some(uid), Some(gid)).map_err(|e| Error::io("give away", &cluster.dir, &e))?;
        }
        let data = cluster.dir.join("data");
        let mut initdb = cluster.command("initdb");
        initdb.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "-D"]).arg(&data);
        cluster.must(&mut initdb, log)?;
        let options = format!(
            "-c listen_addresses=127.0.0.1 -c port={} -c unix_socket_directories={} -c fsync=on -c wal_level=logical -c max_connections=200",
            cluster.port,
            cluster.dir.display()
        );
        let mut start = cluster.command("pg_ctl");
        start
            .args(["start", "--wait", "-D"])
            .arg(&data)
            .arg("-l")
            .arg(cluster.dir.join("server.log"))
            .arg("-o")
            .arg(options);
        cluster.must(&mut start, log)?;
        Ok(cluster)
    }

    /// The superuser's address of the `postgres` database.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// The folder of `psql` and its companions, of the same release as the server.
    pub(crate) fn programs(&self) -> &Path {
        &self.programs
    }

    /// A program of PostgreSQL, run as a user that PostgreSQL accepts (it refuses root).
    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.current_dir(&self.dir);
        if let Some((uid, gid)) = self.user {
            command.uid(uid).gid(gid);
        }
        command
    }

    fn must(&self, command: &mut Command, log: &Path) -> Result<()> {
        if sh::logged(command, log)? {
            return Ok(());
        }
        let said = fs::read_to_string(self.dir.join("server.log")).unwrap_or_default();
        Err(Error::new(format!("`{}` failed; see {}\n{said}", sh::shown(command), log.display())))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = self.dir.join("data");
        if data.join("postmaster.pid").exists() {
            sh::quiet_ok(self.command("pg_ctl").args(["stop", "--wait", "--mode=immediate", "-D"]).arg(&data));
        }
        drop(fs::remove_dir_all(&self.dir));
    }
}

/// A port that nobody listens on now.
pub(crate) fn free_port() -> Result<u16> {
    let listener =
        TcpListener::bind("127.0.0.1:0").map_err(|e| Error::new(format!("cannot listen on this machine: {e}")))?;
    Ok(listener.local_addr().map_err(|e| Error::new(format!("cannot listen on this machine: {e}")))?.port())
}

/// For root: the ids of a user without privileges to run PostgreSQL as. For others: nothing, they run it themselves.
fn unprivileged_user() -> Result<Option<(u32, u32)>> {
    if sh::output(Command::new("id").arg("-u"))?.trim() != "0" {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd").map_err(|e| Error::io("read", Path::new("/etc/passwd"), &e))?;
    ["postgres", "nobody"].iter().find_map(|name| ids_of(&users, name)).map(Some).ok_or_else(|| {
        Error::new("PostgreSQL does not run as root, and this system has no user `postgres` or `nobody`")
    })
}

/// (user, group) of a line of /etc/passwd.
fn ids_of(passwd: &str, name: &str) -> Option<(u32, u32)> {
    let mut fields = passwd.lines().find(|line| line.split(':').next() == Some(name))?.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::ids_of;

    #[test]
    fn the_ids_of_a_user_are_read() {
        let passwd = "root:x:0:0:root:/root:/bin/bash\npostgres:x:101:104:x,,,:/var/lib/postgresql:/bin/bash\n";
        assert_eq!(ids_of(passwd, "postgres"), Some((101, 104)));
        assert_eq!(ids_of(passwd, "nobody"), None);
    }
}
