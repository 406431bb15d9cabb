"""What sellers decided about pictures, turned into limits for the verdict's checks, with what is known of them."""

TARGET = 0.02  # of what a check lets through, how much may be wrong
