#!/usr/bin/env python3
"""Writes an OCI image from scratch: the programs named, the shared objects that they need, and nothing else.

No base image, no registry, no container engine. The same files give the same bytes, whenever and by whomever the
image is written. Prints the image's name, the size of its layer, and its digest.
"""

import argparse
import os
import sys

from oci_image import Image
from shared_objects import Missing, shared_objects


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--name", required=True, help="REPOSITORY:TAG")
    parser.add_argument("--out", required=True, help="the tar to write")
    parser.add_argument("--user", default="65532:65532", help="UID:GID to run as (default %(default)s)")
    parser.add_argument("--file", action="append", default=[], metavar="PATH=SOURCE", help="another file, likewise")
    parser.add_argument("programs", nargs="+", metavar="PATH=SOURCE",
                        help="a program's path in the image and here; the first is what the image runs")
    return parser.parse_args()


def image_files(programs, others):
    """{path in the image: path here} of the programs, of what they need, each at the path it has here, and of others."""
    files = dict(other.split("=", 1) for other in others)
    for program in programs:
        path, _, source = program.partition("=")
        if not os.path.isfile(source):
            raise Missing(f"there is no program {source}; build it first")
        files[path] = source
        files.update({needed: needed for needed in shared_objects(source)})
    return files


def main():
    given = arguments()
    try:
        image = Image(given.name, image_files(given.programs, given.file), given.programs[0].partition("=")[0], given.user)
        # Whole under its name, or not at all.
        with open(given.out + ".partial", "wb") as file:
            file.write(image.archive())
        os.rename(given.out + ".partial", given.out)
    except (Missing, OSError) as error:
        print(f"write_image.py: cannot write {given.name}: {error}", file=sys.stderr)
        return 1
    print(f"{given.name}  {image.layer['size'] / 1e6:.1f} MB  {image.manifest['digest']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
