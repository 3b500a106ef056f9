"""Draw the demo's pictures anew, all of them or those named: `python -m shop.ops.demo.drawing`."""

import sys
from concurrent.futures import ProcessPoolExecutor

from shop.ops.demo.drawing.drawer import draw_file, picture_names


def main(wanted: list[str]) -> None:
    names = [name for name in picture_names() if not wanted or name.split("/")[1] in wanted]
    with ProcessPoolExecutor() as workers:
        sizes = list(workers.map(draw_file, names))
    sys.stdout.write(f"{len(sizes)} pictures, {sum(sizes) / 1e6:.2f} MB\n")


if __name__ == "__main__":
    main(sys.argv[1:])
