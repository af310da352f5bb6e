//! A ClickHouse server of a test, and a proxy that kills a client in the middle of its work.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use tempfile::TempDir;

/// The password of the user `reader`, who may read but change no data and no settings.
pub const PASSWORD: &str = "canary-5c1e9b";

const CONFIG: &str = "<yandex>
  <logger><level>information</level><console>1</console></logger>
  <http_port>PORT</http_port>
  <listen_host>127.0.0.1</listen_host>
  <path>FOLDER/data/</path>
  <tmp_path>FOLDER/tmp/</tmp_path>
  <users_config>users.xml</users_config>
  <default_profile>default</default_profile>
  <default_database>default</default_database>
  <mark_cache_size>67108864</mark_cache_size>
</yandex>";

const USERS: &str = "<yandex>
  <profiles><default></default><fixed><readonly>1</readonly></fixed></profiles>
  <quotas><default></default></quotas>
  <users>
    <default><password></password><networks><ip>127.0.0.1</ip></networks>
      <profile>default</profile><quota>default</quota></default>
    <reader><password>PASSWORD</password><networks><ip>127.0.0.1</ip></networks>
      <profile>fixed</profile><quota>default</quota></reader>
  </users>
</yandex>";

/// A server on a free port, with its files in a temporary folder.
pub struct ClickHouseServer {
    child: Child,
    _folder: TempDir,
    pub port: u16,
}

impl ClickHouseServer {
    /// Starts Debian's server; `None` if it is not installed.
    pub fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let path = folder.path().join("config.xml");
        let config = CONFIG.replace("PORT", &port.to_string());
        std::fs::write(&path, config.replace("FOLDER", folder.path().to_str().unwrap())).unwrap();
        std::fs::write(folder.path().join("users.xml"), USERS.replace("PASSWORD", PASSWORD)).unwrap();
        let mut command = Command::new("clickhouse-server");
        command.arg(format!("--config-file={}", path.display())).current_dir(folder.path());
        let spawned = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
        let Ok(mut child) = spawned else {
            let _ = writeln!(io::stderr(), "skipped: clickhouse-server is not installed");
            return None;
        };
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let is_ready =
            lines.by_ref().map_while(Result::ok).any(|line| line.contains("Ready for connections"));
        assert!(is_ready, "clickhouse-server did not start");
        // The server must never wait for a reader of its log.
        thread::spawn(move || lines.for_each(drop));
        Some(Self { child, _folder: folder, port })
    }

    pub fn address(&self, database: &str) -> String {
        format!("clickhouse://127.0.0.1:{}/{database}", self.port)
    }

    /// Runs a query as the default user; returns its result, as tab-separated values unless it names a format.
    pub fn query(&self, sql: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(stream, "POST / HTTP/1.0\r\nContent-Length: {}\r\n\r\n{sql}", sql.len()).unwrap();
        let mut response = Vec::new();
        stream.read_to_end(&mut response).unwrap();
        let response = String::from_utf8_lossy(&response).into_owned();
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(" 200 "), "{response}");
        body.trim().to_owned()
    }
}

impl Drop for ClickHouseServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The point at which a client is killed.
#[derive(Clone, Copy, Debug)]
pub struct KillPoint {
    /// The number of its insert, from 1.
    pub insert: usize,
    /// Whether the server has stored the rows already.
    pub is_stored: bool,
}

/// A proxy of the server that kills its client.
pub struct KillingProxy {
    pub port: u16,
    client: Arc<Mutex<Option<Child>>>,
}

impl KillingProxy {
    pub fn start(server: u16, point: KillPoint) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let client: Arc<Mutex<Option<Child>>> = Arc::default();
        let (killed, inserts) = (Arc::clone(&client), Arc::new(AtomicUsize::new(0)));
        thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                let (killed, inserts) = (Arc::clone(&killed), Arc::clone(&inserts));
                let server = TcpStream::connect(("127.0.0.1", server)).unwrap();
                thread::spawn(move || relay((connection, server), point, &inserts, &killed));
            }
        });
        Self { port, client }
    }

    /// Runs the client until it ends or is killed; returns whether it was killed.
    pub fn run(&self, command: &mut Command) -> bool {
        let mut client = self.client.lock().unwrap();
        let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let child = client.insert(child);
        let mut output = child.stdout.take().unwrap();
        drop(client);
        let _ = output.read_to_end(&mut Vec::new());
        let status = self.client.lock().unwrap().as_mut().unwrap().wait().unwrap();
        status.code().is_none()
    }
}

fn relay(
    (mut client, mut server): (TcpStream, TcpStream),
    point: KillPoint,
    inserts: &AtomicUsize,
    killed: &Mutex<Option<Child>>,
) {
    let (mut to_client, mut from_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let kill = || killed.lock().unwrap().as_mut().unwrap().kill().unwrap();
    let is_doomed = &AtomicUsize::new(0);
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut buffer = [0; 64 << 10];
            while let Ok(count) = from_server.read(&mut buffer)
                && count > 0
            {
                if is_doomed.load(Ordering::SeqCst) > 0 {
                    kill();
                    break;
                }
                if to_client.write_all(buffer.get(..count).unwrap()).is_err() {
                    break;
                }
            }
            let _ = to_client.shutdown(Shutdown::Both);
        });
        let mut buffer = [0; 64 << 10];
        while let Ok(count) = client.read(&mut buffer)
            && count > 0
        {
            let is_insert = buffer.get(..count).unwrap().windows(13).any(|part| part == b"query=INSERT+");
            if is_insert && inserts.fetch_add(1, Ordering::SeqCst) + 1 == point.insert {
                match point.is_stored {
                    true => is_doomed.store(1, Ordering::SeqCst),
                    false => {
                        kill();
                        break;
                    }
                }
            }
            if server.write_all(buffer.get(..count).unwrap()).is_err() {
                break;
            }
        }
        let _ = server.shutdown(Shutdown::Both);
    });
}
