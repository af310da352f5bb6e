//! Certificate variables: a wrong path in one silently distrusts everything, so it is found out before connecting.

use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

use super::Fault;

/// Where Linux and its relatives are told of other root certificates. Elsewhere the system alone decides.
const VARIABLES: &[(&str, Kind)] = &[("SSL_CERT_FILE", Kind::File), ("SSL_CERT_DIR", Kind::Folders)];

/// Whether the environment can name other root certificates than the system's.
pub const CERTIFICATES_NAMED: bool = !cfg!(any(target_vendor = "apple", windows));

#[derive(Clone, Copy)]
enum Kind {
    File,
    Folders,
}

/// Whether the certificates that the environment names can be used.
///
/// # Errors
/// Which of them cannot, and why.
pub fn check_certificates() -> Result<(), Fault> {
    check(|name| std::env::var_os(name))
}

/// Looks at each variable that is set.
pub(super) fn check(variable: impl Fn(&str) -> Option<std::ffi::OsString>) -> Result<(), Fault> {
    if !CERTIFICATES_NAMED {
        return Ok(());
    }
    VARIABLES.iter().try_for_each(|(name, kind)| match variable(name) {
        Some(value) => look(name, *kind, &value),
        None => Ok(()),
    })
}

fn look(variable: &'static str, kind: Kind, value: &OsStr) -> Result<(), Fault> {
    let outcome = match kind {
        Kind::File => holds_certificate(Path::new(value)),
        // The list is searched as a whole: one usable folder is enough.
        Kind::Folders => {
            let mut last = Err("is empty".to_owned());
            for folder in std::env::split_paths(value) {
                last = is_folder(&folder);
                if last.is_ok() {
                    break;
                }
            }
            last
        }
    };
    outcome.map_err(|reason| Fault::Certificates { variable, path: PathBuf::from(value), reason })
}

fn holds_certificate(path: &Path) -> Result<(), String> {
    if path.as_os_str().is_empty() {
        return Err("is empty".to_owned());
    }
    let text = fs::read(path).map_err(|error| reason(&error))?;
    let mark = memchr::memmem::find(&text, b"-----BEGIN CERTIFICATE-----");
    mark.map(|_| ()).ok_or_else(|| "has no PEM certificate in it".to_owned())
}

fn is_folder(path: &Path) -> Result<(), String> {
    fs::read_dir(path).map(|_| ()).map_err(|error| reason(&error))
}

fn reason(error: &io::Error) -> String {
    format!("cannot be read: {}", error.kind())
}

#[cfg(test)]
#[cfg(not(any(target_vendor = "apple", windows)))]
mod tests {
    use super::*;

    fn checked(name: &'static str, value: impl AsRef<OsStr>) -> Result<(), String> {
        let value = value.as_ref().to_owned();
        match check(|asked| (asked == name).then(|| value.clone())) {
            Err(Fault::Certificates { variable, reason, .. }) => {
                assert_eq!(variable, name);
                Err(reason)
            }
            Err(other) => panic!("{other:?}"),
            Ok(()) => Ok(()),
        }
    }

    #[test]
    fn a_certificate_file_has_to_be_there_and_hold_one() {
        let folder = tempfile::tempdir().unwrap();
        let good = folder.path().join("roots.pem");
        fs::write(&good, "# roots\n-----BEGIN CERTIFICATE-----\n").unwrap();
        let other = folder.path().join("other.pem");
        fs::write(&other, "hello").unwrap();
        assert_eq!(checked("SSL_CERT_FILE", &good), Ok(()));
        assert_eq!(checked("SSL_CERT_FILE", &other), Err("has no PEM certificate in it".into()));
        assert!(
            checked("SSL_CERT_FILE", folder.path().join("gone.pem")).unwrap_err().contains("cannot be read")
        );
        assert_eq!(checked("SSL_CERT_FILE", ""), Err("is empty".into()));
    }

    #[test]
    fn one_folder_of_the_list_is_enough() {
        let folder = tempfile::tempdir().unwrap();
        let gone = folder.path().join("gone");
        assert!(checked("SSL_CERT_DIR", &gone).is_err());
        assert_eq!(
            checked("SSL_CERT_DIR", std::env::join_paths([gone.as_path(), folder.path()]).unwrap()),
            Ok(())
        );
    }

    #[test]
    fn unset_variables_are_fine() {
        assert!(check(|_| None).is_ok());
    }
}
