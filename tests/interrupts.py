"""An interrupt at any step: between whichever two opcodes of some functions."""

import sys


def interrupted_at(step, wanted, call):
    """Return the KeyboardInterrupt raised at the opcode `step`, or None if all is done.

    Opcodes are counted where ``wanted(code)`` is true of a frame's code.

    Only the first one is raised, in this thread, as by a user who presses the keys once.
    """
    left = step

    def trace(frame, event, argument):
        nonlocal left
        if not wanted(frame.f_code):
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        if event == "opcode":
            if left == 0:
                raise KeyboardInterrupt
            left -= 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    except KeyboardInterrupt as error:
        return error
    finally:
        sys.settrace(before)
    return None
