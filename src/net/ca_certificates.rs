//! Certificate variables: a wrong path in one silently distrusts everything, so it is found out before connecting.

use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

use super::FetchErrorKind;

/// Where Linux and its relatives are told of other root certificates. Elsewhere the system alone decides.
const VARIABLES: &[(&str, PathKind)] =
    &[("SSL_CERT_FILE", PathKind::File), ("SSL_CERT_DIR", PathKind::FolderList)];

/// Whether the environment can name other root certificates than the system's.
pub const HAS_CERTIFICATE_VARIABLES: bool = !cfg!(any(target_vendor = "apple", windows));

#[derive(Clone, Copy)]
enum PathKind {
    File,
    FolderList,
}

/// Whether the certificates that the environment names can be used.
///
/// # Errors
/// Which of them cannot, and why.
pub fn check_certificates() -> Result<(), FetchErrorKind> {
    check_variables(|name| std::env::var_os(name))
}

/// Looks at each variable that is set.
pub(super) fn check_variables(
    variable: impl Fn(&str) -> Option<std::ffi::OsString>,
) -> Result<(), FetchErrorKind> {
    if !HAS_CERTIFICATE_VARIABLES {
        return Ok(());
    }
    VARIABLES.iter().try_for_each(|(name, kind)| match variable(name) {
        Some(value) => check_variable(name, *kind, &value),
        None => Ok(()),
    })
}

fn check_variable(variable: &'static str, kind: PathKind, value: &OsStr) -> Result<(), FetchErrorKind> {
    let outcome = match kind {
        PathKind::File => check_certificate_file(Path::new(value)),
        // The list is searched as a whole: one usable folder is enough.
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
    outcome.map_err(|reason| FetchErrorKind::Certificates { variable, path: PathBuf::from(value), reason })
}

fn check_certificate_file(path: &Path) -> Result<(), String> {
    if path.as_os_str().is_empty() {
        return Err("is empty".to_owned());
    }
    let text = fs::read(path).map_err(|error| read_error_reason(&error))?;
    let mark = memchr::memmem::find(&text, b"-----BEGIN CERTIFICATE-----");
    mark.map(|_| ()).ok_or_else(|| "has no PEM certificate in it".to_owned())
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
        match check_variables(|asked| (asked == name).then(|| value.clone())) {
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
        assert_eq!(check_value("SSL_CERT_FILE", &other), Err("has no PEM certificate in it".into()));
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
