#!/usr/bin/env python3
"""Records the animation of the README: runs `unspool --demo` in a pseudo-terminal, presses keys, and writes each screen as
a frame of an SVG without scripts, fonts or other files.

    assets/pictures/record.py target/debug/unspool assets/pictures/recording.svg

Needs: pip install pyte.
"""

import fcntl, html, os, pty, select, struct, sys, termios, time, unicodedata

import pyte

COLUMNS, ROWS = 104, 30
# Of a 14 px monospaced font; rows of this height join the lines of boxes.
CELL_WIDTH, CELL_HEIGHT, FONT_SIZE = 8.43, 16.2, 14
MARGIN, CAPTION_HEIGHT = 14, 34
GROUND, INK, FRAME, ACCENT = "#1d1f21", "#c5c8c6", "#3a3d41", "#8abeb7"
NAMED = {
    "black": "#1d1f21", "red": "#cc6666", "green": "#8abd68", "brown": "#f0c674", "blue": "#81a2be",
    "magenta": "#b294bb", "cyan": "#8abeb7", "white": "#c5c8c6", "brightblack": "#666a70",
    "brightred": "#e88080", "brightgreen": "#b5d680", "brightbrown": "#ffe08a", "brightblue": "#9fc4e8",
    "brightmagenta": "#d0b0dc", "brightcyan": "#a5dcd4", "brightwhite": "#ffffff",
}

# Keys, what they do, text that the screen must show afterwards, and the seconds that the frame stays.
STORY = [
    ("", "unspool --demo", "A wrong answer", 2.2),
    ("\r", "enter · open the thread at its first problem", "14 days", 3.6),
    ("\r", "enter · move into the conversation", "14 days", 1.4),
    (" ", "space · unfold the source that the answer cites", "superseded", 4.2),
    ("y", "y · copy", "", 1.0),
    ("l", "y l · copy the chunk as evidence for a ticket", "opied", 2.6),
    ("2", "2 · the spans behind the answer", "knowledge_base", 3.4),
]


class Screen(pyte.Screen):
    """pyte's screen, which also knows dim text; kept in the attribute `blink`, which is unused."""

    def select_graphic_rendition(self, *attributes, **options):
        attributes, at = list(attributes) or [0], 0
        while at < len(attributes):
            is_colour = attributes[at] in (38, 48) and at + 1 < len(attributes)
            length = {5: 3, 2: 5}.get(attributes[at + 1], 1) if is_colour else 1
            if attributes[at] in (2, 22):
                self.cursor.attrs = self.cursor.attrs._replace(blink=attributes[at] == 2)
            if attributes[at] not in (2, 5):
                super().select_graphic_rendition(*attributes[at:at + length])
            at += length


class Terminal:
    def __init__(self, command):
        self.screen = Screen(COLUMNS, ROWS)
        self.stream = pyte.ByteStream(self.screen)
        pid, self.file = pty.fork()
        if pid == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
            os.execvp(command[0], command)
        fcntl.ioctl(self.file, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))

    def read(self, seconds):
        """Reads until nothing arrives for a while."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            ready, _, _ = select.select([self.file], [], [], 0.1)
            if ready:
                data = os.read(self.file, 65536)
                if b"\x1b]11;?" in data:
                    # The question for the ground: a dark one, then the end of the answers.
                    os.write(self.file, b"\x1b]11;rgb:1d1d/1f1f/2121\x1b\\\x1b[?62c")
                self.stream.feed(data)

    def press(self, keys):
        os.write(self.file, keys.encode())
        self.read(1.5)


def colour(name, default):
    if name == "default":
        return default
    return NAMED.get(name, f"#{name}")


def blend(ink, ground, share):
    parts = lambda text: [int(text[at:at + 2], 16) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in zip(parts(ink), parts(ground)))


def style(char):
    ink, ground = colour(char.fg, INK), colour(char.bg, GROUND)
    if char.reverse:
        ink, ground = ground, ink
    if char.blink:
        ink = blend(ink, ground, 0.6)
    return ink, ground, char.bold, char.italics, char.underscore


def row_svg(cells):
    """A row as rectangles and texts, with its top at 0."""
    runs = []
    for column, char in enumerate(cells):
        if char.data == "":
            continue
        columns = 2 if unicodedata.east_asian_width(char.data[0]) in "WF" else 1
        own = style(char)
        # Blanks between words of one run need no place of their own.
        if runs and runs[-1][0] == own and columns == 1 and not runs[-1][4]:
            runs[-1][2].append(char.data)
            runs[-1][3] += 1
        else:
            runs.append([own, column, [char.data], columns, columns == 2])
    out = []
    for (ink, ground, bold, italic, underlined), column, texts, columns, _ in runs:
        text, x = "".join(texts), column * CELL_WIDTH
        if ground != GROUND:
            out.append(f'<rect x="{x:.2f}" width="{columns * CELL_WIDTH + 0.3:.2f}" height="{CELL_HEIGHT + 0.3:.1f}" fill="{ground}"/>')
        stripped = text.strip(" ")
        if not stripped:
            continue
        x += (len(text) - len(text.lstrip(" "))) * CELL_WIDTH
        width = (len(stripped) if columns == len(text) else columns) * CELL_WIDTH
        extra = ' font-weight="bold"' * bold + ' font-style="italic"' * italic + ' text-decoration="underline"' * underlined
        fill = "" if ink == INK else f' fill="{ink}"'
        out.append(f'<text x="{x:.2f}" textLength="{width:.2f}"{fill}{extra}>{html.escape(stripped)}</text>')
    return "".join(out)


def record(program):
    terminal = Terminal([program, "--demo"])
    frames = []
    for keys, caption, expected, seconds in STORY:
        if keys:
            terminal.press(keys)
        else:
            terminal.read(3)
        shown = "\n".join(terminal.screen.display)
        if expected not in shown:
            sys.exit(f"after {caption!r} the screen has no {expected!r}:\n{shown}")
        buffer = terminal.screen.buffer
        frames.append((caption, seconds, [row_svg([buffer[row][column] for column in range(COLUMNS)]) for row in range(ROWS)]))
    os.write(terminal.file, b"q")
    return frames


def animation(frames):
    width, height = COLUMNS * CELL_WIDTH + 2 * MARGIN, ROWS * CELL_HEIGHT + 2 * MARGIN + CAPTION_HEIGHT
    total = sum(seconds for _, seconds, _ in frames)
    names, rules, start = {}, [], 0.0
    groups = []
    for number, (caption, seconds, rows) in enumerate(frames):
        first, last = 100 * start / total, 100 * (start + seconds) / total
        before = "" if number == 0 else "0%{visibility:hidden}"
        after = "" if number + 1 == len(frames) else f"{last:.2f}%{{visibility:hidden}}"
        rules.append(f"@keyframes f{number}{{{before}{first:.2f}%{{visibility:visible}}{after}}}")
        uses = []
        for row, content in enumerate(rows):
            if content:
                name = names.setdefault(content, f"r{len(names)}")
                uses.append(f'<use href="#{name}" y="{row * CELL_HEIGHT:.1f}"/>')
        label = f'<text class="c" x="0" y="{ROWS * CELL_HEIGHT + 14:.1f}">{html.escape(caption)}</text>'
        groups.append(f'<g class="f" style="animation-name:f{number}">{"".join(uses)}{label}</g>')
        start += seconds
    defs = "".join(f'<g id="{name}">{content}</g>' for content, name in names.items())
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" role="img">
<title>unspool opens a thread of the demo at a wrong answer, unfolds the outdated source that it cites, and copies it</title>
<style>
text{{font:{FONT_SIZE}px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;white-space:pre;dominant-baseline:text-before-edge}}
.c{{fill:{ACCENT};font-size:15px}}
.f{{visibility:hidden;animation:{total:.1f}s step-end infinite}}
{"".join(rules)}
@media (prefers-reduced-motion:reduce){{.f{{animation:none}}.f:last-of-type{{visibility:visible}}}}
</style>
<rect width="100%" height="100%" rx="8" fill="{GROUND}" stroke="{FRAME}"/>
<defs>{defs}</defs>
<g transform="translate({MARGIN} {MARGIN})" fill="{INK}">
{chr(10).join(groups)}
</g>
</svg>
"""


def main():
    program, target = sys.argv[1:]
    svg = animation(record(program))
    with open(target, "w", encoding="utf-8") as file:
        file.write(svg)
    print(f"{target}: {len(svg.encode()) / 1000:.0f} kB")


if __name__ == "__main__":
    main()
