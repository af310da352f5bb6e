//! Variables for root certificates. With a wrong path, the system would silently distrust every server, so the variables
//! are checked before connecting.

use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

use super::FetchErrorKind;

/// Variables that override the root certificates on Linux and similar systems. Other systems ignore them.
const VARIABLES: &[(&str, PathKind)] =
    &[("SSL_CERT_FILE", PathKind::File), ("SSL_CERT_DIR", PathKind::FolderList)];

/// Whether environment variables can override the system's root certificates.
pub const HAS_CERTIFICATE_VARIABLES: bool = !cfg!(any(target_vendor = "apple", windows));

#[derive(Clone, Copy)]
enum PathKind {
    File,
    FolderList,
}

/// Checks the certificates that the environment names.
///
/// # Errors
/// The first variable whose certificates cannot be used, and the reason.
pub fn check_certificates() -> Result<(), FetchErrorKind> {
    check_variables(|name| std::env::var_os(name))
}

/// Checks each variable that is set.
fn check_variables(variable: impl Fn(&str) -> Option<std::ffi::OsString>) -> Result<(), FetchErrorKind> {
    if !HAS_CERTIFICATE_VARIABLES {
        return Ok(());
    }
    VARIABLES.iter().try_for_each(|(name, kind)| match variable(name) {
        Some(value) => check_variable(name, *kind, &value),
        None => Ok(()),
    })
}

fn check_variable(variable: &'static str, kind: PathKind, value: &OsStr) -> Result<(), FetchErrorKind> {
    let result = match kind {
        PathKind::File => check_certificate_file(Path::new(value)),
        // One usable folder in the list is enough.
        PathKind::FolderList => {
            let mut last = Err("is empty".to_owned());
            for folder in std::env::split_paths(value) {
                last = check_folder(&folder);
                if last.is_ok() {
                    break;
                }
            }
            last
        }
    };
    result.map_err(|reason| FetchErrorKind::Certificates { variable, path: PathBuf::from(value), reason })
}

fn check_certificate_file(path: &Path) -> Result<(), String> {
    if path.as_os_str().is_empty() {
        return Err("is empty".to_owned());
    }
    let text = fs::read(path).map_err(|error| read_error_reason(&error))?;
    let start = memchr::memmem::find(&text, b"-----BEGIN CERTIFICATE-----");
    start.map(|_| ()).ok_or_else(|| "contains no PEM certificate".to_owned())
}

fn check_folder(path: &Path) -> Result<(), String> {
    fs::read_dir(path).map(|_| ()).map_err(|error| read_error_reason(&error))
}

fn read_error_reason(error: &io::Error) -> String {
    format!("cannot be read: {}", error.kind())
}

#[cfg(test)]
#[cfg(not(any(target_vendor = "apple", windows)))]
mod tests {
    use super::*;

    fn check_value(name: &'static str, value: impl AsRef<OsStr>) -> Result<(), String> {
        let value = value.as_ref().to_owned();
        match check_variables(|variable| (variable == name).then(|| value.clone())) {
            Err(FetchErrorKind::Certificates { variable, reason, .. }) => {
                assert_eq!(variable, name);
                Err(reason)
            }
            Err(other) => panic!("{other:?}"),
            Ok(()) => Ok(()),
        }
    }

    #[test]
    fn a_certificate_file_must_exist_and_contain_a_certificate() {
        let folder = tempfile::tempdir().unwrap();
        let good = folder.path().join("roots.pem");
        fs::write(&good, "# roots\n-----BEGIN CERTIFICATE-----\n").unwrap();
        let other = folder.path().join("other.pem");
        fs::write(&other, "hello").unwrap();
        assert_eq!(check_value("SSL_CERT_FILE", &good), Ok(()));
        assert_eq!(check_value("SSL_CERT_FILE", &other), Err("contains no PEM certificate".into()));
        assert!(
            check_value("SSL_CERT_FILE", folder.path().join("gone.pem"))
                .unwrap_err()
                .contains("cannot be read")
        );
        assert_eq!(check_value("SSL_CERT_FILE", ""), Err("is empty".into()));
    }

    #[test]
    fn one_usable_folder_of_the_list_is_enough() {
        let folder = tempfile::tempdir().unwrap();
        let gone = folder.path().join("gone");
        assert!(check_value("SSL_CERT_DIR", &gone).is_err());
        assert_eq!(
            check_value("SSL_CERT_DIR", std::env::join_paths([gone.as_path(), folder.path()]).unwrap()),
            Ok(())
        );
    }

    #[test]
    fn unset_variables_are_fine() {
        assert!(check_variables(|_| None).is_ok());
    }
}
