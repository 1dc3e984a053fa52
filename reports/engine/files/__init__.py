"""Files made from the messages of one ``COPY (SELECT …) TO STDOUT``, streamed in flat memory.

Every format reads the same compiled query, so that their rows, order and values are those of the screen. CSV
takes ``(FORMAT csv)`` messages; Excel and JSON take ``(FORMAT text)`` messages with the default NULL ``\\N``.
"""
