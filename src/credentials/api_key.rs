//! Resolves an API key: from the environment, else from a program, else from a private file. The origin may be shown;
//! the key itself never appears in an error, a log or a child's environment.

mod process_group;

use std::{
    fmt,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::Duration,
};

use secrecy::SecretString;
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::{Child, Command},
    sync::OnceCell,
    time::timeout,
};

use crate::platform::secret_variables;
use crate::platform::{self, FileAccess, Owner};
use crate::storage::files::FileError;
use crate::text::shell_quote;
use process_group::{ProcessGroup, use_new_process_group};

pub use process_group::kill_key_commands;

/// The time limit of a program, enough for the user to touch a hardware key.
pub const COMMAND_TIMEOUT: Duration = Duration::from_secs(10);
/// The maximum number of bytes in a key.
const MAX_KEY_BYTES: usize = 16 << 10;

/// The secrets of a profile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Secret {
    #[default]
    ApiKey,
    LibraryPassword,
}

impl Secret {
    const fn command_setting(self) -> &'static str {
        match self {
            Self::ApiKey => "key_command",
            Self::LibraryPassword => "library_password_command",
        }
    }

    const fn variable_setting(self) -> &'static str {
        match self {
            Self::ApiKey => "key_env",
            Self::LibraryPassword => "library_password_env",
        }
    }
}

/// The places to look for a key or a password, in this order.
#[derive(Clone, Debug, Default)]
pub struct KeySources {
    pub secret: Secret,
    /// Name and value of the variable, if it is set.
    pub environment: Option<(String, SecretString)>,
    /// A variable that should hold the key but is not set.
    pub unset_variable: Option<String>,
    /// A program and its arguments; no shell is involved.
    pub command: Vec<String>,
    /// A private file.
    pub file: Option<PathBuf>,
}

impl KeySources {
    /// Returns the first configured source, which need not yield a key.
    pub fn origin(&self) -> Option<KeyOrigin> {
        let variable = self.environment.as_ref().map(|(name, _)| name).or(self.unset_variable.as_ref());
        let variable = variable.map(|name| KeyOrigin::Environment(name.clone()));
        let command = || self.command.first().map(|program| KeyOrigin::Command(self.key_command(program)));
        variable.or_else(command).or_else(|| self.file.clone().map(KeyOrigin::File))
    }

    fn key_command(&self, program: &str) -> KeyCommand {
        KeyCommand { secret: self.secret, program: program.to_owned() }
    }
}

/// The source of a key, for display.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyOrigin {
    Environment(String),
    Command(KeyCommand),
    File(PathBuf),
}

/// A program that prints a secret; without its arguments, which may be secret as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyCommand {
    secret: Secret,
    program: String,
}

impl fmt::Display for KeyCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.secret.command_setting(), self.program)
    }
}

/// A key and its origin.
#[derive(Clone, Debug)]
pub struct ResolvedKey {
    pub key: SecretString,
    pub origin: KeyOrigin,
}

/// The error of a configured source that yields no value. The next source is not used, so that the user notices.
#[derive(Debug, thiserror::Error)]
pub enum ApiKeyError {
    #[error("the variable {variable} is not set, but the profile names it")]
    VariableNotSet { variable: String, secret: Secret },
    #[error("{command} could not be started: {}", reason.kind())]
    SpawnFailed { command: KeyCommand, reason: io::Error },
    #[error("{command} {}", describe_exit(*code))]
    CommandFailed { command: KeyCommand, code: Option<i32> },
    #[error("{command} took longer than {} s", limit.as_secs_f64())]
    CommandTimedOut { command: KeyCommand, limit: Duration },
    #[error("{path:?} is accessible to other users (mode {mode:o})")]
    InsecurePermissions { path: PathBuf, mode: u32 },
    #[error("{path:?} belongs to another user")]
    ForeignOwner { path: PathBuf },
    #[error(transparent)]
    File(FileError),
    #[error("invalid value from {origin}: {reason}")]
    InvalidKey { origin: KeyOrigin, reason: &'static str },
}

impl fmt::Display for KeyOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(variable) => write!(f, "the variable {variable}"),
            Self::Command(command) => command.fmt(f),
            Self::File(path) => write!(f, "the file {path:?}"),
        }
    }
}

fn describe_exit(code: Option<i32>) -> String {
    code.map_or("was killed by a signal".to_owned(), |code| format!("failed with exit code {code}"))
}

impl ApiKeyError {
    /// Returns the next step for the user, in one sentence.
    pub fn hint(&self) -> String {
        match self {
            Self::VariableNotSet { variable, secret } => {
                format!("Set {variable}, or change {} of the profile.", secret.variable_setting())
            }
            Self::SpawnFailed { command, .. } => format!(
                "Check {}: a list of a program and its arguments, run without a shell.",
                command.secret.command_setting()
            ),
            Self::CommandFailed { .. } | Self::CommandTimedOut { .. } => {
                "Run the command by hand to see its output; it gets no input.".into()
            }
            Self::InsecurePermissions { path, .. } => {
                format!("Run: chmod 600 {}", shell_quote(&path.display().to_string()))
            }
            Self::ForeignOwner { path } => {
                format!("Check who can write to {}, then copy it.", shell_quote(&path.display().to_string()))
            }
            Self::File(error) => error.hint().to_owned(),
            Self::InvalidKey { .. } => "Provide the value alone, on one line.".into(),
        }
    }
}

/// A key that is resolved once, when it is first needed, because a key command may prompt the user.
#[derive(Clone, Debug, Default)]
pub struct LazyApiKey {
    key_sources: KeySources,
    resolved: Arc<OnceCell<Option<SecretString>>>,
}

impl LazyApiKey {
    /// Creates an unresolved key.
    pub fn new(key_sources: KeySources) -> Self {
        Self { key_sources, resolved: Arc::default() }
    }

    /// Returns the first configured source.
    pub fn origin(&self) -> Option<KeyOrigin> {
        self.key_sources.origin()
    }

    /// Returns the key; `None` if no source is configured. After an error the next call tries again.
    ///
    /// # Errors
    /// A configured source yields no key.
    pub async fn key(&self) -> Result<Option<SecretString>, ApiKeyError> {
        let key = self
            .resolved
            .get_or_try_init(|| async { Ok(resolve(&self.key_sources).await?.map(|resolved| resolved.key)) });
        key.await.cloned()
    }
}

/// Resolves the key; `None` if no source is configured.
///
/// # Errors
/// A configured source yields no key.
pub async fn resolve(sources: &KeySources) -> Result<Option<ResolvedKey>, ApiKeyError> {
    resolve_within(sources, COMMAND_TIMEOUT).await
}

async fn resolve_within(sources: &KeySources, limit: Duration) -> Result<Option<ResolvedKey>, ApiKeyError> {
    if let Some((variable, key)) = &sources.environment {
        return Ok(Some(ResolvedKey { key: key.clone(), origin: KeyOrigin::Environment(variable.clone()) }));
    }
    if let Some(variable) = &sources.unset_variable {
        return Err(ApiKeyError::VariableNotSet { variable: variable.clone(), secret: sources.secret });
    }
    if let Some((program, arguments)) = sources.command.split_first() {
        let command = sources.key_command(program);
        let output = run_command(&command, arguments, limit).await?;
        return Ok(Some(parse_key(output, KeyOrigin::Command(command))?));
    }
    match &sources.file {
        Some(path) => Ok(Some(parse_key(read_key_file(path)?, KeyOrigin::File(path.clone()))?)),
        None => Ok(None),
    }
}

async fn run_command(
    key_command: &KeyCommand,
    arguments: &[String],
    limit: Duration,
) -> Result<Vec<u8>, ApiKeyError> {
    let mut command = Command::new(&key_command.program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    for name in secret_variables() {
        command.env_remove(name);
    }
    let named = || key_command.clone();
    use_new_process_group(&mut command);
    let mut child =
        command.spawn().map_err(|reason| ApiKeyError::SpawnFailed { command: named(), reason })?;
    let group = ProcessGroup::track(&child);
    let output = timeout(limit, read_output(&mut child)).await;
    if let Ok(Ok((bytes, _))) = &output
        && bytes.len() <= MAX_KEY_BYTES
    {
        group.release();
    }
    match output {
        Err(_) => Err(ApiKeyError::CommandTimedOut { command: named(), limit }),
        Ok(Err(reason)) => Err(ApiKeyError::SpawnFailed { command: named(), reason }),
        Ok(Ok((_, code))) if code != Some(0) => Err(ApiKeyError::CommandFailed { command: named(), code }),
        Ok(Ok((bytes, _))) => Ok(bytes),
    }
}

/// Returns the output and the exit code. If the output exceeds the limit, does not wait for the program.
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
    let metadata = file.metadata().map_err(failed)?;
    match platform::file_access(&metadata) {
        Some(FileAccess { owner: Owner::Other, .. }) => {
            return Err(ApiKeyError::ForeignOwner { path: path.to_owned() });
        }
        Some(access) if access.is_exposed() => {
            return Err(ApiKeyError::InsecurePermissions { path: path.to_owned(), mode: access.mode });
        }
        _ => {}
    }
    let mut bytes = Vec::new();
    file.take(MAX_KEY_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// Opens a regular file. Symbolic links are followed, because secret managers create them. Opening does not block, in
/// case the path is a pipe.
fn open_key_file(path: &Path) -> io::Result<File> {
    let file = platform::open_nonblocking(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("not a regular file")) }
}

/// Checks that the bytes can be a key, and removes one trailing newline.
fn parse_key(mut bytes: Vec<u8>, origin: KeyOrigin) -> Result<ResolvedKey, ApiKeyError> {
    let invalid = |reason| ApiKeyError::InvalidKey { origin: origin.clone(), reason };
    if bytes.len() > MAX_KEY_BYTES {
        return Err(invalid("too long for a key"));
    }
    for end in [b'\n', b'\r'] {
        if bytes.last() == Some(&end) {
            bytes.pop();
        }
    }
    let text = String::from_utf8(bytes).map_err(|_| invalid("not UTF-8"))?;
    if text.trim().is_empty() {
        return Err(invalid("empty"));
    }
    if text.chars().any(char::is_control) {
        return Err(invalid("several lines or control characters"));
    }
    Ok(ResolvedKey { key: SecretString::from(text), origin })
}

// The tests need a Unix shell and file modes.
#[cfg(unix)]
#[cfg(test)]
mod tests;
