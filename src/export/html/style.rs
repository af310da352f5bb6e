//! The style sheet: light or dark like the reader's system, readable without colours, printable.

pub(super) const STYLE: &str = "\
:root { color-scheme: light dark; --ink: #1d2025; --dim: #5c636e; --page: #fdfdfc; --card: #f3f3f0; --line: #d9d9d4;
  --user: #2456a6; --answer: #20744a; --bad: #b3261e; --bar: #6b87b5; }
@media (prefers-color-scheme: dark) { :root { --ink: #e3e5e8; --dim: #9aa2ad; --page: #17191c; --card: #1f2226;
  --line: #363b42; --user: #8ab4f8; --answer: #7fcb9f; --bad: #f28b82; --bar: #6f8fc4; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 62rem; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); }
h1 { font-size: 1.5rem; overflow-wrap: anywhere; } h2 { font-size: 1.05rem; margin: 0; } h3 { font-size: .9rem; margin: 0; color: var(--dim); }
h2 a { color: var(--dim); text-decoration: none; }
dl { display: flex; flex-wrap: wrap; gap: .1rem 1.2rem; margin: .3rem 0; font-size: .85rem; color: var(--dim); }
dl div { display: flex; gap: .4rem; } dd { margin: 0; color: var(--ink); overflow-wrap: anywhere; }
.message { margin: 1.2rem 0; padding: 1rem; border: 1px solid var(--line); border-radius: .5rem; break-inside: avoid-page; }
.problem { border-color: var(--bad); }
.side { margin: .7rem 0; padding: .1rem .8rem; border-left: 3px solid var(--line); }
.side.user { border-color: var(--user); } .side.assistant { border-color: var(--answer); }
.text { white-space: pre-wrap; overflow-wrap: anywhere; }
.prose { overflow-wrap: anywhere; } .prose > :first-child { margin-top: .3rem; } .prose p, .prose ul, .prose ol { margin: .5rem 0; }
h4, h5, h6 { margin: .9rem 0 .3rem; } h4 { font-size: 1.15rem; } h5 { font-size: 1.05rem; } h6 { font-size: 1rem; }
blockquote { margin: .5rem 0; padding-left: .8rem; border-left: 3px solid var(--line); color: var(--dim); }
code { padding: .1em .3em; font: .9em ui-monospace, monospace; background: var(--card); border-radius: .2rem; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: .9rem; }
th, td { padding: .25rem .6rem; border: 1px solid var(--line); text-align: left; vertical-align: top; }
.link { text-decoration: underline dotted; } .address { color: var(--dim); font-size: .85em; overflow-wrap: anywhere; }
hr { border: 0; border-top: 1px solid var(--line); }
pre code { padding: 0; font: inherit; background: none; }
pre { padding: .6rem; overflow-x: auto; font: .85rem/1.4 ui-monospace, monospace; background: var(--card); border-radius: .3rem; }
details { margin: .4rem 0; } summary { cursor: pointer; color: var(--dim); }
.dim { color: var(--dim); font-size: .85rem; } .error { color: var(--bad); }
.feedback { margin: .7rem 0; padding: .4rem .8rem; background: var(--card); border-radius: .3rem; }
.waterfall { width: 100%; height: auto; font: 11px ui-monospace, monospace; }
.waterfall text { fill: var(--ink); } .waterfall .time { fill: var(--dim); }
.waterfall rect { fill: var(--bar); } .waterfall rect.failed { fill: var(--bad); }
";
