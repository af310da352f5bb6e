//! Where an API key comes from: the environment, else a program, else a file of its owner alone. Which one it was may
//! be told; the key itself stands in no error, no log and no child's environment.

mod group;

use std::{
    fmt,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use secrecy::SecretString;
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::{Child, Command},
    sync::OnceCell,
    time::timeout,
};

use super::{
    files::FileError,
    platform::{self, Owner, Standing},
};
use crate::provider;
use group::{Group, apart};

pub use group::end_programs;

/// How long a program may take: it may have to ask its owner to touch a device, but not more.
pub const COMMAND_TIMEOUT: Duration = Duration::from_secs(10);
/// Longer keys there are none.
const LONGEST: usize = 16 << 10;

/// Where to look, in this order.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The variable's name and its value, if it is set.
    pub environment: Option<(String, SecretString)>,
    /// A variable that should hold the key and is not set.
    pub unset: Option<String>,
    /// A program and its arguments; no shell reads them.
    pub command: Vec<String>,
    /// A file that the configuration names.
    pub file: Option<PathBuf>,
}

impl Sources {
    /// The source that counts, if any is named; whether it gives a key is another matter.
    pub fn named(&self) -> Option<Source> {
        let variable = self.environment.as_ref().map(|(name, _)| name).or(self.unset.as_ref());
        let variable = variable.map(|name| Source::Environment(name.clone()));
        let command = || self.command.first().map(|program| Source::Command(program.clone()));
        variable.or_else(command).or_else(|| self.file.clone().map(Source::File))
    }
}

/// Which one it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Environment(String),
    /// The program without its arguments, which may be nobody's business.
    Command(String),
    File(PathBuf),
}

/// A key and where it came from.
#[derive(Clone, Debug)]
pub struct Found {
    pub key: SecretString,
    pub source: Source,
}

/// Why a source that was named gave no key. The next one is not asked then: the user should know.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error("the variable {variable} is not set, and the profile says that the key is there")]
    Unset { variable: String },
    #[error("key_command {program:?} could not be started: {}", reason.kind())]
    NotStarted { program: String, reason: io::Error },
    #[error("key_command {program:?} {}", ended(*code))]
    Failed { program: String, code: Option<i32> },
    #[error("key_command {program:?} took longer than {} s", limit.as_secs_f64())]
    TooSlow { program: String, limit: Duration },
    #[error("{path:?} can be read by others than its owner (mode {mode:o})")]
    Exposed { path: PathBuf, mode: u32 },
    #[error("{path:?} belongs to somebody else")]
    Foreign { path: PathBuf },
    #[error(transparent)]
    File(FileError),
    #[error("{source_name} {what}")]
    Unusable { source_name: Source, what: &'static str },
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(variable) => write!(f, "the variable {variable}"),
            Self::Command(program) => write!(f, "key_command {program:?}"),
            Self::File(path) => write!(f, "the file {path:?}"),
        }
    }
}

fn ended(code: Option<i32>) -> String {
    code.map_or("was ended by a signal".to_owned(), |code| format!("ended with exit code {code}"))
}

impl SecretError {
    /// One sentence: what to do now.
    pub fn advice(&self) -> String {
        match self {
            Self::Unset { variable } => format!("Set {variable}, or change key_env of the profile."),
            Self::NotStarted { .. } => {
                "Check key_command: it is a list of a program and its arguments, and no shell reads it."
                    .into()
            }
            Self::Failed { .. } | Self::TooSlow { .. } => {
                "Run the command by hand to see what it says; it gets no input.".into()
            }
            Self::Exposed { path, .. } => format!("Run: chmod 600 {}", quoted(path)),
            Self::Foreign { path } => format!("Check who can write to {}, then copy it.", quoted(path)),
            Self::File(error) => error.advice().to_owned(),
            Self::Unusable { .. } => "It has to give the key alone, on one line.".into(),
        }
    }
}

/// Sources that are asked once, when the key is first needed: a program may have to ask its owner.
#[derive(Clone, Debug, Default)]
pub struct Keyring {
    sources: Sources,
    found: Arc<OnceCell<Option<SecretString>>>,
}

impl Keyring {
    /// With nothing asked yet.
    pub fn new(sources: Sources) -> Self {
        Self { sources, found: Arc::default() }
    }

    /// The source that will be asked first, if any is named.
    pub fn named(&self) -> Option<Source> {
        self.sources.named()
    }

    /// The key; none if no source is named or set. After an error the sources are asked again.
    ///
    /// # Errors
    /// A source is named and gives no key.
    pub async fn key(&self) -> Result<Option<SecretString>, SecretError> {
        let found =
            self.found.get_or_try_init(|| async { Ok(find(&self.sources).await?.map(|found| found.key)) });
        found.await.cloned()
    }
}

/// Finds the key; none if no source is named or set.
///
/// # Errors
/// A source is named and gives no key.
pub async fn find(sources: &Sources) -> Result<Option<Found>, SecretError> {
    find_within(sources, COMMAND_TIMEOUT).await
}

async fn find_within(sources: &Sources, limit: Duration) -> Result<Option<Found>, SecretError> {
    if let Some((variable, key)) = &sources.environment {
        return Ok(Some(Found { key: key.clone(), source: Source::Environment(variable.clone()) }));
    }
    if let Some(variable) = &sources.unset {
        return Err(SecretError::Unset { variable: variable.clone() });
    }
    if let Some((program, arguments)) = sources.command.split_first() {
        let source = Source::Command(program.clone());
        return Ok(Some(found(run(program, arguments, limit).await?, source)?));
    }
    match &sources.file {
        Some(path) => Ok(Some(found(read(path)?, Source::File(path.clone()))?)),
        None => Ok(None),
    }
}

/// Variables of profiles that hold keys.
static OF_PROFILES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// From now on children do not get this variable either: a profile says that it holds a key.
pub fn hide_variable(name: &str) {
    OF_PROFILES.lock().unwrap_or_else(PoisonError::into_inner).push(name.to_owned());
}

/// The variables that hold secrets: they are removed from the environment of every child.
pub fn scrub_environment() -> Vec<String> {
    // Headers of the user's own may carry keys as well.
    let mut names = vec!["SGP_CLIENT_CUSTOM_HEADERS".to_owned()];
    for provider in provider::all() {
        let secret = provider.variables().iter().filter(|variable| variable.secret);
        names.extend(secret.map(|variable| variable.name.to_owned()));
    }
    names.extend(OF_PROFILES.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned());
    names.sort_unstable();
    names.dedup();
    names
}

async fn run(program: &str, arguments: &[String], limit: Duration) -> Result<Vec<u8>, SecretError> {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    for name in scrub_environment() {
        command.env_remove(name);
    }
    let name = || program.to_owned();
    apart(&mut command);
    let mut child = command.spawn().map_err(|reason| SecretError::NotStarted { program: name(), reason })?;
    let group = Group::of(&child);
    let ended = timeout(limit, output(&mut child)).await;
    if ended.as_ref().is_ok_and(|ended| ended.as_ref().is_ok_and(|(bytes, _)| bytes.len() <= LONGEST)) {
        group.ended();
    }
    match ended {
        Err(_) => Err(SecretError::TooSlow { program: name(), limit }),
        Ok(Err(reason)) => Err(SecretError::NotStarted { program: name(), reason }),
        Ok(Ok((_, code))) if code != Some(0) => Err(SecretError::Failed { program: name(), code }),
        Ok(Ok((bytes, _))) => Ok(bytes),
    }
}

/// What it printed, capped, and its exit code. A program that prints without end is cut off, not waited for.
async fn output(child: &mut Child) -> io::Result<(Vec<u8>, Option<i32>)> {
    let mut bytes = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        capped(stdout).read_to_end(&mut bytes).await?;
    }
    if bytes.len() > LONGEST {
        return Ok((bytes, Some(0)));
    }
    Ok((bytes, child.wait().await?.code()))
}

fn capped(stdout: impl AsyncRead) -> tokio::io::Take<impl AsyncRead> {
    stdout.take(LONGEST as u64 + 1)
}

fn read(path: &Path) -> Result<Vec<u8>, SecretError> {
    let failed = |error| SecretError::File(FileError::of("read the key in", path)(error));
    let file = open(path).map_err(failed)?;
    let found = file.metadata().map_err(failed)?;
    match platform::standing(&found) {
        Some(Standing { owner: Owner::Stranger, .. }) => {
            return Err(SecretError::Foreign { path: path.to_owned() });
        }
        Some(standing) if standing.is_exposed() => {
            return Err(SecretError::Exposed { path: path.to_owned(), mode: standing.mode });
        }
        _ => {}
    }
    let mut bytes = Vec::new();
    file.take(LONGEST as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// A link is followed, because tools that hand out secrets make links; what counts is the file at its end. Opening
/// does not wait, in case that is a pipe.
fn open(path: &Path) -> io::Result<File> {
    let file = platform::open_at_once(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is not a plain file")) }
}

/// Checks that it can be a key, and cuts the newline off that ends the line.
fn found(mut bytes: Vec<u8>, source: Source) -> Result<Found, SecretError> {
    let unusable = |what| SecretError::Unusable { source_name: source.clone(), what };
    if bytes.len() > LONGEST {
        return Err(unusable("gives far more than a key"));
    }
    for end in [b'\n', b'\r'] {
        if bytes.last() == Some(&end) {
            bytes.pop();
        }
    }
    let text = String::from_utf8(bytes).map_err(|_| unusable("gives bytes that are no text"))?;
    if text.trim().is_empty() {
        return Err(unusable("gives nothing"));
    }
    if text.chars().any(char::is_control) {
        return Err(unusable("gives more than one line, or control characters"));
    }
    Ok(Found { key: SecretString::from(text), source })
}

/// For a shell, so that the advice can be pasted.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+=:@%".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        return text;
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

// Its programs are those of a Unix shell, and its files have modes.
#[cfg(unix)]
#[cfg(test)]
mod tests;
