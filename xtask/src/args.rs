//! The little that is needed to read a command line.

use crate::error::{Error, Result};

/// The arguments after the command, split into words, flags and what follows `--`.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Args {
    /// Words without a leading dash, in order.
    pub(crate) words: Vec<String>,
    /// `--name` (value empty) and `--name=value` or `--name value` for the names in `with_value`.
    flags: Vec<(String, String)>,
    /// Everything after a lone `--`.
    pub(crate) rest: Vec<String>,
}

impl Args {
    /// Reads `arguments`. A flag that is in neither list is an error, so that a typing mistake is not ignored.
    pub(crate) fn parse(arguments: &[String], plain: &[&str], with_value: &[&str]) -> Result<Self> {
        let mut parsed = Self::default();
        let mut iter = arguments.iter();
        while let Some(argument) = iter.next() {
            if argument == "--" {
                parsed.rest = iter.cloned().collect();
                break;
            }
            let Some(flag) = argument.strip_prefix("--") else {
                parsed.words.push(argument.clone());
                continue;
            };
            let (name, value) = match flag.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (flag, None),
            };
            if plain.contains(&name) && value.is_none() {
                parsed.flags.push((name.to_owned(), String::new()));
            } else if with_value.contains(&name) {
                let value = value
                    .or_else(|| iter.next().cloned())
                    .ok_or_else(|| Error::usage(format!("--{name} needs a value")))?;
                parsed.flags.push((name.to_owned(), value));
            } else {
                return Err(Error::usage(format!("unknown option {argument}; see cargo xtask --help")));
            }
        }
        Ok(parsed)
    }

    /// Whether the flag was given.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.flags.iter().any(|(n, _)| n == name)
    }

    /// The value of a flag, if given.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.flags.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn words_flags_and_the_rest_are_told_apart() {
        let args = Args::parse(&words("desktop --xvfb --port 8123 -- --verbose"), &["xvfb"], &["port"]).unwrap();
        assert_eq!(args.words, ["desktop"]);
        assert!(args.has("xvfb"));
        assert_eq!(args.value("port"), Some("8123"));
        assert_eq!(args.rest, ["--verbose"]);
    }

    #[test]
    fn an_unknown_flag_is_refused() {
        assert!(Args::parse(&words("--relaese"), &["release"], &[]).is_err());
    }

    #[test]
    fn a_flag_without_its_value_is_refused() {
        assert!(Args::parse(&words("--port"), &[], &["port"]).is_err());
    }
}
