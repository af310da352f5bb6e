//! A raw TCP server that plays a script for each connection, so that every fault can be produced byte for byte.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, yield_now},
};

/// A step of a script, played after the request head was read.
#[derive(Clone)]
pub enum Step {
    Send(Vec<u8>),
    /// Sends one byte at a time until the client disconnects.
    Drip(u8),
    /// Sends the same bytes repeatedly until the client disconnects.
    Flood(Vec<u8>),
    /// Sends nothing until the client disconnects.
    Stall,
    /// Resets the connection.
    Reset,
}

pub type Script = Vec<Step>;

/// The request heads, by connection.
#[derive(Clone, Default)]
pub struct RequestLog(Arc<Mutex<Vec<String>>>);

impl RequestLog {
    pub fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    pub fn heads(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

pub struct Server {
    pub port: u16,
    pub requests: RequestLog,
    task: JoinHandle<()>,
}

impl Server {
    /// Plays one script per connection in order, and the last one for all further connections.
    pub async fn start(scripts: Vec<Script>) -> Self {
        Self::listen(scripts, true).await
    }

    /// Plays without reading a request, for clients that do not start with HTTP.
    pub async fn start_without_reading(scripts: Vec<Script>) -> Self {
        Self::listen(scripts, false).await
    }

    async fn listen(scripts: Vec<Script>, reads_head: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = RequestLog::default();
        let log = requests.clone();
        let task = tokio::spawn(async move {
            for index in 0.. {
                let Ok((stream, _)) = listener.accept().await else { return };
                let script = scripts[index.min(scripts.len() - 1)].clone();
                log.0.lock().unwrap().push(String::new());
                tokio::spawn(serve(stream, script, log.clone(), index, reads_head));
            }
        });
        Self { port, requests, task }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, script: Script, log: RequestLog, index: usize, reads_head: bool) {
    stream.set_nodelay(true).unwrap();
    if reads_head {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_) => return,
            }
        }
        log.0.lock().unwrap()[index] = String::from_utf8_lossy(&head).into_owned();
    }
    for step in script {
        if !play(&mut stream, step).await {
            return;
        }
    }
    let _ = stream.shutdown().await;
    wait_until_closed(&mut stream).await;
}

/// Plays a step and returns whether the connection is still open.
async fn play(stream: &mut TcpStream, step: Step) -> bool {
    match step {
        Step::Send(bytes) => stream.write_all(&bytes).await.is_ok(),
        Step::Drip(byte) => {
            while stream.write_all(&[byte]).await.is_ok() {
                yield_now().await;
            }
            false
        }
        Step::Flood(bytes) => {
            while stream.write_all(&bytes).await.is_ok() {}
            false
        }
        Step::Stall => {
            wait_until_closed(stream).await;
            false
        }
        Step::Reset => {
            stream.set_zero_linger().unwrap();
            false
        }
    }
}

async fn wait_until_closed(stream: &mut TcpStream) {
    let mut buffer = [0; 1024];
    while stream.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
}

/// Returns a complete response with a correct length, after which the connection closes.
pub fn answer(status: u16, headers: &str, body: impl AsRef<[u8]>) -> Script {
    let body = body.as_ref();
    let mut bytes = format!(
        "HTTP/1.1 {status} Some Reason\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    vec![Step::Send(bytes)]
}

/// Returns a response head followed by `body`, verbatim.
pub fn raw(head: &str, body: impl AsRef<[u8]>) -> Step {
    let mut bytes = format!("{}\r\n\r\n", head.trim().replace('\n', "\r\n")).into_bytes();
    bytes.extend_from_slice(body.as_ref());
    Step::Send(bytes)
}
