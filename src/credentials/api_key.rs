//! Where an API key comes from: the environment, else a program, else a file of its owner alone. Which one it was may
//! be told; the key itself stands in no error, no log and no child's environment.

mod process_group;

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

use crate::platform::{self, FileAccess, Owner};
use crate::provider;
use crate::storage::files::FileError;
use process_group::{ProcessGroup, use_new_process_group};

pub use process_group::kill_key_commands;

/// How long a program may take: it may have to ask its owner to touch a device, but not more.
pub const COMMAND_TIMEOUT: Duration = Duration::from_secs(10);
/// Longer keys there are none.
const MAX_KEY_BYTES: usize = 16 << 10;

/// Where to look, in this order.
#[derive(Clone, Debug, Default)]
pub struct KeySources {
    /// The variable's name and its value, if it is set.
    pub environment: Option<(String, SecretString)>,
    /// A variable that should hold the key and is not set.
    pub unset_variable: Option<String>,
    /// A program and its arguments; no shell reads them.
    pub command: Vec<String>,
    /// A file that the configuration names.
    pub file: Option<PathBuf>,
}

impl KeySources {
    /// The source that counts, if any is named; whether it gives a key is another matter.
    pub fn origin(&self) -> Option<KeyOrigin> {
        let variable = self.environment.as_ref().map(|(name, _)| name).or(self.unset_variable.as_ref());
        let variable = variable.map(|name| KeyOrigin::Environment(name.clone()));
        let command = || self.command.first().map(|program| KeyOrigin::Command(program.clone()));
        variable.or_else(command).or_else(|| self.file.clone().map(KeyOrigin::File))
    }
}

/// Which one it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyOrigin {
    Environment(String),
    /// The program without its arguments, which may be nobody's business.
    Command(String),
    File(PathBuf),
}

/// A key and where it came from.
#[derive(Clone, Debug)]
pub struct ResolvedKey {
    pub key: SecretString,
    pub origin: KeyOrigin,
}

/// Why a source that was named gave no key. The next one is not asked then: the user should know.
#[derive(Debug, thiserror::Error)]
pub enum ApiKeyError {
    #[error("the variable {variable} is not set, and the profile says that the key is there")]
    VariableNotSet { variable: String },
    #[error("key_command {program:?} could not be started: {}", reason.kind())]
    SpawnFailed { program: String, reason: io::Error },
    #[error("key_command {program:?} {}", describe_exit(*code))]
    CommandFailed { program: String, code: Option<i32> },
    #[error("key_command {program:?} took longer than {} s", limit.as_secs_f64())]
    CommandTimedOut { program: String, limit: Duration },
    #[error("{path:?} can be read by others than its owner (mode {mode:o})")]
    InsecurePermissions { path: PathBuf, mode: u32 },
    #[error("{path:?} belongs to somebody else")]
    ForeignOwner { path: PathBuf },
    #[error(transparent)]
    File(FileError),
    #[error("{origin} {reason}")]
    InvalidKey { origin: KeyOrigin, reason: &'static str },
}

impl fmt::Display for KeyOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(variable) => write!(f, "the variable {variable}"),
            Self::Command(program) => write!(f, "key_command {program:?}"),
            Self::File(path) => write!(f, "the file {path:?}"),
        }
    }
}

fn describe_exit(code: Option<i32>) -> String {
    code.map_or("was ended by a signal".to_owned(), |code| format!("ended with exit code {code}"))
}

impl ApiKeyError {
    /// One sentence: what to do now.
    pub fn hint(&self) -> String {
        match self {
            Self::VariableNotSet { variable } => format!("Set {variable}, or change key_env of the profile."),
            Self::SpawnFailed { .. } => {
                "Check key_command: it is a list of a program and its arguments, and no shell reads it."
                    .into()
            }
            Self::CommandFailed { .. } | Self::CommandTimedOut { .. } => {
                "Run the command by hand to see what it says; it gets no input.".into()
            }
            Self::InsecurePermissions { path, .. } => format!("Run: chmod 600 {}", shell_quoted(path)),
            Self::ForeignOwner { path } => {
                format!("Check who can write to {}, then copy it.", shell_quoted(path))
            }
            Self::File(error) => error.hint().to_owned(),
            Self::InvalidKey { .. } => "It has to give the key alone, on one line.".into(),
        }
    }
}

/// Sources that are asked once, when the key is first needed: a program may have to ask its owner.
#[derive(Clone, Debug, Default)]
pub struct LazyApiKey {
    key_sources: KeySources,
    resolved: Arc<OnceCell<Option<SecretString>>>,
}

impl LazyApiKey {
    /// With nothing asked yet.
    pub fn new(sources: KeySources) -> Self {
        Self { key_sources: sources, resolved: Arc::default() }
    }

    /// The source that will be asked first, if any is named.
    pub fn origin(&self) -> Option<KeyOrigin> {
        self.key_sources.origin()
    }

    /// The key; none if no source is named or set. After an error the sources are asked again.
    ///
    /// # Errors
    /// A source is named and gives no key.
    pub async fn key(&self) -> Result<Option<SecretString>, ApiKeyError> {
        let found = self
            .resolved
            .get_or_try_init(|| async { Ok(resolve(&self.key_sources).await?.map(|found| found.key)) });
        found.await.cloned()
    }
}

/// Finds the key; none if no source is named or set.
///
/// # Errors
/// A source is named and gives no key.
pub async fn resolve(sources: &KeySources) -> Result<Option<ResolvedKey>, ApiKeyError> {
    resolve_within(sources, COMMAND_TIMEOUT).await
}

async fn resolve_within(sources: &KeySources, limit: Duration) -> Result<Option<ResolvedKey>, ApiKeyError> {
    if let Some((variable, key)) = &sources.environment {
        return Ok(Some(ResolvedKey { key: key.clone(), origin: KeyOrigin::Environment(variable.clone()) }));
    }
    if let Some(variable) = &sources.unset_variable {
        return Err(ApiKeyError::VariableNotSet { variable: variable.clone() });
    }
    if let Some((program, arguments)) = sources.command.split_first() {
        let source = KeyOrigin::Command(program.clone());
        return Ok(Some(parse_key(run_command(program, arguments, limit).await?, source)?));
    }
    match &sources.file {
        Some(path) => Ok(Some(parse_key(read_key_file(path)?, KeyOrigin::File(path.clone()))?)),
        None => Ok(None),
    }
}

/// Variables of profiles that hold keys.
static PROFILE_KEY_VARIABLES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// From now on children do not get this variable either: a profile says that it holds a key.
pub fn add_secret_variable(name: &str) {
    PROFILE_KEY_VARIABLES.lock().unwrap_or_else(PoisonError::into_inner).push(name.to_owned());
}

/// The variables that hold secrets: they are removed from the environment of every child.
pub fn secret_variables() -> Vec<String> {
    // Headers of the user's own may carry keys as well.
    let mut names = vec!["SGP_CLIENT_CUSTOM_HEADERS".to_owned()];
    for provider in provider::all() {
        let secret = provider.env_variables().iter().filter(|variable| variable.is_secret);
        names.extend(secret.map(|variable| variable.name.to_owned()));
    }
    names.extend(PROFILE_KEY_VARIABLES.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned());
    names.sort_unstable();
    names.dedup();
    names
}

async fn run_command(program: &str, arguments: &[String], limit: Duration) -> Result<Vec<u8>, ApiKeyError> {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    for name in secret_variables() {
        command.env_remove(name);
    }
    let name = || program.to_owned();
    use_new_process_group(&mut command);
    let mut child = command.spawn().map_err(|reason| ApiKeyError::SpawnFailed { program: name(), reason })?;
    let group = ProcessGroup::track(&child);
    let ended = timeout(limit, read_output(&mut child)).await;
    if ended.as_ref().is_ok_and(|ended| ended.as_ref().is_ok_and(|(bytes, _)| bytes.len() <= MAX_KEY_BYTES)) {
        group.release();
    }
    match ended {
        Err(_) => Err(ApiKeyError::CommandTimedOut { program: name(), limit }),
        Ok(Err(reason)) => Err(ApiKeyError::SpawnFailed { program: name(), reason }),
        Ok(Ok((_, code))) if code != Some(0) => Err(ApiKeyError::CommandFailed { program: name(), code }),
        Ok(Ok((bytes, _))) => Ok(bytes),
    }
}

/// What it printed, capped, and its exit code. A program that prints without end is cut off, not waited for.
async fn read_output(child: &mut Child) -> io::Result<(Vec<u8>, Option<i32>)> {
    let mut bytes = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        limit_output(stdout).read_to_end(&mut bytes).await?;
    }
    if bytes.len() > MAX_KEY_BYTES {
        return Ok((bytes, Some(0)));
    }
    Ok((bytes, child.wait().await?.code()))
}

fn limit_output(stdout: impl AsyncRead) -> tokio::io::Take<impl AsyncRead> {
    stdout.take(MAX_KEY_BYTES as u64 + 1)
}

fn read_key_file(path: &Path) -> Result<Vec<u8>, ApiKeyError> {
    let failed = |error| ApiKeyError::File(FileError::wrap("read the key in", path)(error));
    let file = open_key_file(path).map_err(failed)?;
    let found = file.metadata().map_err(failed)?;
    match platform::file_access(&found) {
        Some(FileAccess { owner: Owner::Other, .. }) => {
            return Err(ApiKeyError::ForeignOwner { path: path.to_owned() });
        }
        Some(standing) if standing.is_exposed() => {
            return Err(ApiKeyError::InsecurePermissions { path: path.to_owned(), mode: standing.mode });
        }
        _ => {}
    }
    let mut bytes = Vec::new();
    file.take(MAX_KEY_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// A link is followed, because tools that hand out secrets make links; what counts is the file at its end. Opening
/// does not wait, in case that is a pipe.
fn open_key_file(path: &Path) -> io::Result<File> {
    let file = platform::open_nonblocking(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is not a plain file")) }
}

/// Checks that it can be a key, and cuts the newline off that ends the line.
fn parse_key(mut bytes: Vec<u8>, source: KeyOrigin) -> Result<ResolvedKey, ApiKeyError> {
    let unusable = |what| ApiKeyError::InvalidKey { origin: source.clone(), reason: what };
    if bytes.len() > MAX_KEY_BYTES {
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
    Ok(ResolvedKey { key: SecretString::from(text), origin: source })
}

/// For a shell, so that the advice can be pasted.
fn shell_quoted(path: &Path) -> String {
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
