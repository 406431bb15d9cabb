"""What an untrusted picture may cost: photographs of shops stay far below, bombs do not."""

MIB = 1 << 20

FILE_BYTES = 20 * MIB  # the file as sent; a phone's largest JPEG has about 15 MB
PIXELS = 40_000_000  # width times height; a camera of 36 MP fits
MEMORY_BYTES = 1024 * MIB  # address space of the decoding process; 40 MP with alpha, profile and turn stay below
CPU_SECONDS = 20  # of the decoding process; 40 MP take about two
SECONDS = 60.0  # wall clock of the decoding process, on a busy machine
