//! The rows of the table. A new action is one row here and one arm in `app::actions`.

use super::{Motion, actions};

actions! {
    Move "Move" {
        Down "down" "move down" ["j", "down"], count: true, motion: Down;
        Up "up" "move up" ["k", "up"], count: true, motion: Up;
        HalfPageDown "half-page-down" "move half a page down" ["ctrl-d"], count: true, motion: HalfPageDown;
        HalfPageUp "half-page-up" "move half a page up" ["ctrl-u"], count: true, motion: HalfPageUp;
        PageDown "page-down" "move a page down" ["pagedown", "ctrl-f"], count: true, motion: PageDown;
        PageUp "page-up" "move a page up" ["pageup", "ctrl-b"], count: true, motion: PageUp;
        Top "top" "go to the top, or with a count to that row" ["g g", "home"], count: true, motion: Top;
        Bottom "bottom" "go to the end, or with a count to that row" ["G", "end"], count: true, motion: Bottom;
        ScrollDetailDown "scroll-detail-down" "go to the next message; in the list, scroll the detail pane down"
            ["J"], count: true, motion: Down;
        ScrollDetailUp "scroll-detail-up" "go to the previous message; in the list, scroll the detail pane up"
            ["K"], count: true, motion: Up;
    }
    Panes "Panes and tabs" {
        Enter "enter" "open the selection" ["enter"];
        Back "back" "go back, close, or stop loading" ["esc"];
        NextPane "next-pane" "go to the next pane" ["tab"];
        PreviousPane "previous-pane" "go to the previous pane" ["shift-tab"];
        FocusThread "open-thread" "enter a thread id, link or file" ["i", "o"];
        PreviousThread "previous-thread" "go back to the previous thread" ["ctrl-6", "ctrl-^"];
        OpenThreads "open-threads" "list the threads opened since the start" ["g t"];
        JumpBack "jump-back" "jump back to the previous place in the thread" ["ctrl-o", "g b"], count: true;
        JumpForward "jump-forward" "jump forward again" ["g f"], count: true;
        ShowMessage "message" "show the text of the message" ["1"];
        ToggleConversation "conversation" "show the whole conversation or this message only" ["c"];
        ShowQuestions "questions" "list the questions, their replies folded" ["O"];
        ShowSpans "spans" "show the spans of the message" ["2"];
        ShowFeedback "feedback" "show the feedback" ["3"];
        ShowMetadata "metadata" "show all fields of the message and the thread" ["4"];
        ShowRaw "raw" "show the original JSON" ["5"];
        NextTab "next-tab" "show the next tab" ["}", "shift-right"];
        PreviousTab "previous-tab" "show the previous tab" ["{", "shift-left"];
        NextPart "next-part" "show the span's next part (input, output …) or the next kind of feedback"
            [">", "."];
        PreviousPart "previous-part" "show the span's previous part or the previous kind of feedback"
            ["<", ","];
        ToggleSource "toggle-source" "toggle rendered text or its source, formatted or raw payload" ["t"];
    }
    Folding "Folds" {
        FoldOrLeft "fold" "fold, or go to the parent" ["h", "left"];
        UnfoldOrRight "unfold" "unfold, or go to the first child" ["l", "right"];
        ToggleFold "toggle-fold" "fold or unfold" ["space"];
        UnfoldAll "unfold-all" "unfold everything, including JSON in strings" ["z R"];
        FoldAll "fold-all" "fold everything" ["z M"];
        FoldToLevel "fold-to-level" "fold below the level of the digit"
            ["z 1", "z 2", "z 3", "z 4", "z 5", "z 6", "z 7", "z 8", "z 9"];
        NextSibling "next-sibling" "go to the next sibling" [")"], count: true;
        PreviousSibling "previous-sibling" "go to the previous sibling" ["("], count: true;
    }
    Search "Search and jump" {
        Search "search" "search the whole thread" ["/"];
        SearchNext "search-next" "go to the next hit" ["n"], count: true;
        SearchPrevious "search-previous" "go to the previous hit" ["N"], count: true;
        ShowResults "results" "list all hits of the search with the text around them" ["g /"];
        Filter "filter" "filter the messages, or the feedback in the feedback tab" ["f"];
        SortByTime "sort-by-time" "sort the list by time; again: the latest message first" ["s s"];
        SortByDuration "sort-by-duration" "sort the list by duration; again: in reverse" ["s d"];
        SortByTokens "sort-by-tokens" "sort the list by tokens; again: in reverse" ["s t"];
        SortByCost "sort-by-cost" "sort the list by cost; again: in reverse" ["s c"];
        NextError "next-error" "go to the next failed step, error or cancelled message"
            ["] e"], count: true;
        PreviousError "previous-error" "go to the previous failed step, error or cancelled message"
            ["[ e"], count: true;
        NextFeedback "next-feedback" "go to the next message with feedback"
            ["] f"], count: true;
        PreviousFeedback "previous-feedback" "go to the previous message with feedback" ["[ f"], count: true;
        NextDisliked "next-disliked" "go to the next message with negative feedback" ["] d"], count: true;
        PreviousDisliked "previous-disliked" "go to the previous message with negative feedback"
            ["[ d"], count: true;
        NextSlow "next-slow" "go to the next message with a slow step" ["] s"], count: true;
        PreviousSlow "previous-slow" "go to the previous message with a slow step" ["[ s"], count: true;
        NextEmpty "next-empty" "go to the next empty answer" ["] a"], count: true;
        PreviousEmpty "previous-empty" "go to the previous empty answer" ["[ a"], count: true;
        NextGap "next-gap" "go to the next message with untraced time" ["] g"], count: true;
        PreviousGap "previous-gap" "go to the previous message with untraced time" ["[ g"], count: true;
    }
    Threads "Threads of the account" {
        Browse "browse" "list the threads of the account; again: back" ["b"];
        SearchLibrary "search-library" "search the library" ["S"];
        NextThread "next-thread" "go to the next thread of the list" ["] t"], count: true;
        PreviousListedThread "previous-listed-thread" "go to the previous thread of the list" ["[ t"], count: true;
        MarkRange "mark-range" "begin a range of marks in the list of threads; again: mark it" ["V"];
        MarkAll "mark-all" "mark all shown threads; again: none" ["*"];
        Archive "archive" "archive the marked threads, or the selected one, in the library" ["A"];
        SortByUpdated "sort-by-updated" "sort the threads by last change; again: in reverse" ["s u"];
        SortByCreated "sort-by-created" "sort the threads by creation; again: in reverse" ["s b"];
        SortByTitle "sort-by-title" "sort the threads by title; again: in reverse" ["s n"];
        SortByMessages "sort-by-messages" "sort the threads by number of messages; again: in reverse"
            ["s m"];
        SortByUser "sort-by-user" "sort the threads by user; again: in reverse" ["s w"];
        SortByApplication "sort-by-application"
            "sort the threads by application, variant or source; again: in reverse" ["s a"];
        SortByModel "sort-by-model" "sort the threads by model; again: in reverse" ["s o"];
        SortByState "sort-by-state" "sort the threads by state; again: in reverse" ["s e"];
        SortById "sort-by-id" "sort the threads by id; again: in reverse" ["s i"];
    }
    TimeAxis "Time axis (spans)" {
        ZoomTimeIn "zoom-time-in" "zoom in on the selected span" ["+"];
        ZoomTimeOut "zoom-time-out" "zoom out" ["-"];
        PanTimeLeft "pan-time-left" "pan to earlier times" ["H"];
        PanTimeRight "pan-time-right" "pan to later times" ["L"];
        ResetTimeZoom "reset-time" "show the whole time range; again: also spans outside it" ["z a"];
        ToggleIdleTime "fold-idle" "fold or unfold idle time" ["z i"];
    }
    Analysis "Analyse" {
        SetBase "mark" "set comparison base" ["m"];
        Compare "compare" "compare with the comparison base or an earlier message" ["="];
        ShowReloadChanges "changes" "show the changes of the last reload" ["g c"];
        ShowAnalysis "analysis" "analyse the whole thread by operation type" ["p"];
        EditNote "note" "write a note on the message or span; without text, a bookmark" ["a"];
        ShowNotes "notes" "list all notes, those of the thread first" ["'"];
        Follow "follow" "follow the thread: reload it regularly" ["F"];
    }
    Copy "Copy and export" {
        CopyValue "copy-value" "copy the selected value or text" ["y y"];
        CopyPath "copy-path" "copy the JSON path of the selected value" ["y p"];
        CopyFilter "copy-filter" "copy the jq filter of the selected value" ["y q"];
        CopyKey "copy-key" "copy the key of the selected value" ["y k"];
        CopyMessageId "copy-message-id" "copy the message id" ["y i"];
        CopySpanId "copy-span-id" "copy the span id" ["y s"];
        CopyThreadId "copy-thread-id" "copy the thread id" ["y t"];
        CopyLink "copy-link" "copy a web address of the message" ["y u"];
        OpenLink "open-link" "open a web address of the message in the browser" ["g x"];
        CopyMarkdown "copy-markdown" "copy the message as Markdown" ["y m"];
        CopyJson "copy-json" "copy the JSON of the message or span" ["y j"];
        CopyEvidence "copy-evidence" "copy the selection as evidence: quote, source, command" ["y l"];
        CopyCommand "copy-command" "copy the command that opens this view" ["y c"];
        Pager "pager" "open the value in $PAGER" ["v"];
        Editor "editor" "open the value in $EDITOR" ["E"];
        Pipe "pipe" "pipe the value through a shell command" ["|"];
        Export "export" "export the thread to a file" ["x"];
    }
    Program "Program" {
        WidenList "widen-list" "make the message list wider" ["ctrl-right"];
        NarrowList "narrow-list" "make the message list narrower" ["ctrl-left"];
        ToggleListLines "list-lines" "show one line or two for each message" ["z l"];
        ZoomPane "zoom-pane" "show only the focused pane, without borders" ["z z", "Z"];
        Reload "reload" "reload the thread" ["r"];
        Redraw "redraw" "draw the whole screen again" ["ctrl-l"];
        Stop "stop" "stop loading or searching" ["ctrl-g"];
        Help "help" "show the keys" ["?", "f1"];
        Quit "quit" "quit" ["q", "ctrl-c"];
        RevealHidden "reveal-hidden" "show zero-width characters, tags and control sequences" ["z h"];
        ToggleMouse "mouse" "toggle mouse capture" ["z m"];
        ChooseProfile "profile" "choose a profile" ["P"];
        Command "command" "run an action by name" [":"];
        Suspend "suspend" "suspend to the shell" ["ctrl-z"];
    }
}
