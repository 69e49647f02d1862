"""The historian's files: journal, latest values, lake, hourly roll-ups and their readers.

Plain Python without Django, so that it can be opened from a notebook and killed in a test::

    journal.py   what was acknowledged: one durable row per batch, alarm transitions beside it
    inbox.py     what other processes hand over: synced files, taken in by the writer once each
    latest.py    the newest value of each point, for live pages; rebuilt when lost
    delta.py     one Delta Lake table: files, commits, snapshots, all synced to disk
    lake.py      journal -> sorted Parquet per day; compaction of closed days
    hours.py     hourly roll-ups, derived from the lake and rebuilt for touched days only
    corrections.py  what readers see instead of the original readings
    sums.py      sums over many points by hour, straight from readings
    sizes.py     how much the store takes of the disk, and by which points
    state.py     what the journal says about itself to any process
    readers.py   one snapshot of lake and journal together, for any process
    columns.py   batches as Arrow bytes; sorting and deduplication
    thinning.py  fewer points for a chart without losing its peaks

One process writes (``lock.py`` refuses a second); any number may read meanwhile.
"""
