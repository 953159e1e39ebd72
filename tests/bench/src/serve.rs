//! A server with an account, for the benchmarks in the browser (`web/`): says where it is in a line of JSON, then does what
//! it is told line by line, answering each with one, until its input ends.

use crate::account::{Account, Fill};
use almanac_server::config::Config;
use std::io::{BufRead, Write};

/// `serve [--web-dir=…] [--allow-origin=…]`. Lines: `fill mostly-past 50000`, `fill even 20000`.
pub(crate) fn run(args: &[String]) {
    let option = |name: &str| args.iter().find_map(|arg| arg.strip_prefix(name)).map(str::to_owned);
    let server = Config {
        web_dir: option("--web-dir=").map(Into::into),
        allow_origins: option("--allow-origin=").into_iter().collect(),
        ..Config::default()
    };
    let account = Account::on(server);
    say(&account.described().to_string());
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("a line");
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["fill", what, count] => {
                let fill = if what == "even" { Fill::Even } else { Fill::MostlyPast };
                account.fill(fill, count.parse().expect("a number"));
                say("done");
            }
            _ => panic!("unknown: {line}"),
        }
    }
}

fn say(line: &str) {
    println!("{line}");
    std::io::stdout().flush().expect("someone listens");
}
