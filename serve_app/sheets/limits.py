"""What an untrusted sheet may cost: a marketplace's largest honest sheets stay far below, bombs do not."""

MIB = 1 << 20

FILE_BYTES = 200 * MIB  # the file as it lies on disk
UNPACKED_BYTES = 200 * MIB  # all parts of a zipped workbook; 200,000 rows of four texts need about half
PACKED_RATIO = 100  # unpacked to packed; XML of real workbooks stays below 30
SMALL_PART_BYTES = MIB  # a part this small cannot hurt, however well it packs
PARTS = 1_000  # files inside a zipped workbook; a workbook of one sheet has about ten
ROWS = 200_000  # rows per sheet
WIDTH = 1_000  # columns per sheet
CELL_CHARACTERS = 32_767  # Excel's own limit; what is longer is cut here, and refused as too long later
TEXT_CHARACTERS = 200 * MIB  # all texts of a sheet together
HEADER_CHARACTERS = 100  # a column's name, as shown in messages

MEMORY_BYTES = 1024 * MIB  # address space of the reading process
CPU_SECONDS = 50  # of the reading process; below the clock, so that the processor's limit is told from a crash
SECONDS = 60.0  # wall clock of the reading process
