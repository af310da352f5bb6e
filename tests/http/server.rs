//! A raw TCP server that plays a script for each connection, so that every fault can be had byte for byte.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, yield_now},
};

/// What to do after the request's head was read.
#[derive(Clone)]
pub enum Step {
    Send(Vec<u8>),
    /// One byte after the other until the client goes away.
    Drip(u8),
    /// The same bytes again and again until the client goes away.
    Flood(Vec<u8>),
    /// Nothing until the client goes away.
    Stall,
    /// Ends the connection with a reset instead of an end.
    Reset,
}

pub type Script = Vec<Step>;

/// What was asked, connection by connection.
#[derive(Clone, Default)]
pub struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    pub fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    pub fn heads(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

pub struct Server {
    pub port: u16,
    pub seen: Seen,
    task: JoinHandle<()>,
}

impl Server {
    /// The first connection plays the first script and so on; the last one is played for all that follow.
    pub async fn start(scripts: Vec<Script>) -> Self {
        Self::listen(scripts, true).await
    }

    /// Plays at once, without waiting for a request: for clients that speak something else than HTTP.
    pub async fn start_deaf(scripts: Vec<Script>) -> Self {
        Self::listen(scripts, false).await
    }

    async fn listen(scripts: Vec<Script>, reads_head: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Seen::default();
        let record = seen.clone();
        let task = tokio::spawn(async move {
            let mut next = 0;
            while let Ok((stream, _)) = listener.accept().await {
                let script = scripts[next.min(scripts.len() - 1)].clone();
                next += 1;
                record.0.lock().unwrap().push(String::new());
                tokio::spawn(serve(stream, script, record.clone(), next - 1, reads_head));
            }
        });
        Self { port, seen, task }
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

async fn serve(mut stream: TcpStream, script: Script, seen: Seen, index: usize, reads_head: bool) {
    stream.set_nodelay(true).unwrap();
    if reads_head {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_) => return,
            }
        }
        seen.0.lock().unwrap()[index] = String::from_utf8_lossy(&head).into_owned();
    }
    for step in script {
        if !play(&mut stream, step).await {
            return;
        }
    }
    let _ = stream.shutdown().await;
    wait_until_closed(&mut stream).await;
}

/// False if the connection is over.
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
    let mut waste = [0; 1024];
    while stream.read(&mut waste).await.is_ok_and(|count| count > 0) {}
}

/// A whole answer with a true length; the connection is not used again.
pub fn answer(status: u16, headers: &str, body: impl AsRef<[u8]>) -> Script {
    let body = body.as_ref();
    let mut bytes = format!(
        "HTTP/1.1 {status} Some Words\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    vec![Step::Send(bytes)]
}

/// A head and whatever follows it.
pub fn raw(head: &str, body: impl AsRef<[u8]>) -> Step {
    let mut bytes = format!("{}\r\n\r\n", head.trim().replace('\n', "\r\n")).into_bytes();
    bytes.extend_from_slice(body.as_ref());
    Step::Send(bytes)
}
