"""Drops files and folders on an X11 window, as a file manager does (XDND 5). For trying the editor by hand and in CI.

    python3 drop.py WINDOW X Y PATH...     WINDOW as xdotool and xwininfo give it; X and Y within it, in pixels

Needs python-xlib. Prints what the window answered; ends with 1 if it did not take the drop within five seconds.
"""

import pathlib
import sys
import time

from Xlib import X, display
from Xlib.protocol import event

VERSION = 5
TIMEOUT_S = 5.0


def main(window_id, x, y, paths):
    shown = display.Display()
    root = shown.screen().root
    target = shown.create_resource_object("window", int(window_id, 0))
    uris = "".join(pathlib.Path(path).absolute().as_uri() + "\r\n" for path in paths).encode()
    atom = shown.intern_atom
    selection, uri_list, copy = atom("XdndSelection"), atom("text/uri-list"), atom("XdndActionCopy")

    source = root.create_window(0, 0, 1, 1, 0, X.CopyFromParent, event_mask=X.PropertyChangeMask)
    source.set_selection_owner(selection, X.CurrentTime)

    def send(name, *data):
        data = [source.id, *data] + [0] * (4 - len(data))
        message = event.ClientMessage(window=target, client_type=atom(name), data=(32, data))
        target.send_event(message, event_mask=X.NoEventMask)
        shown.flush()

    at = target.translate_coords(root, 0, 0)
    # translate_coords answers where the root's origin is within the target.
    position = ((int(x) - at.x) & 0xFFFF) << 16 | ((int(y) - at.y) & 0xFFFF)

    send("XdndEnter", VERSION << 24, uri_list, 0, 0)
    send("XdndPosition", 0, position, X.CurrentTime, copy)
    has_data, has_dropped = False, False
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        if not shown.pending_events():
            time.sleep(0.01)
            continue
        got = shown.next_event()
        if got.type == X.SelectionRequest:
            got.requestor.change_property(got.property, uri_list, 8, uris)
            answer = event.SelectionNotify(
                time=got.time, requestor=got.requestor, selection=got.selection, target=got.target, property=got.property
            )
            got.requestor.send_event(answer)
            shown.flush()
            has_data = True
        elif got.type == X.ClientMessage and got.client_type == atom("XdndStatus"):
            accepted = bool(got.data[1][1] & 1)
            print("accepted" if accepted else "refused")
            # A window may accept before it has looked; it has when it has asked for the data.
            if accepted and has_data and not has_dropped:
                time.sleep(0.3)
                send("XdndPosition", 0, position, X.CurrentTime, copy)
                send("XdndDrop", 0, X.CurrentTime)
                has_dropped = True
        elif got.type == X.ClientMessage and got.client_type == atom("XdndFinished"):
            taken = bool(got.data[1][1] & 1) and got.data[1][2] == copy
            print("dropped" if taken else "not taken")
            return 0 if taken else 1
    print("no answer")
    return 1


if __name__ == "__main__":
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]))
