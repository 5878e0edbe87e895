#!/usr/bin/python3
"""The example inventory tells its story, in which each count follows from the commands before it."""
import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "interop"))
from nodes import BUILD, check, main, run  # pylint: disable=wrong-import-position

STORY = """\
    north: block 0 joins
    south: block 0 joins
What the rules refuse:
  north: ann says "make ten apples": invalid (host), against the host's rules: the payload is no command: make COUNT ITEM, or give COUNT ITEM
  north: ann says "make 10 apples": invalid (host), against the host's rules: who makes something pays the warehouse a coin a piece
  a block of one without a deposit: the block made here is invalid (host-block): the host's rules refuse the block: who makes a block holds a deposit of 50 coins
Ann makes apples, and both depots know:
  north: ann says "make 10 apples": accepted
    north: block 1 joins
    south: block 1 joins
They part. North hears of a gift, of one that cannot be, and of pears:
  north: ann says "give 4 apples": accepted
    north: block 2 joins
  north: bob says "give 9 apples": accepted
  north: bob says "make 2 pears": accepted
    north: block 3 joins
South hears of another gift, and makes more blocks:
  south: ann says "give 7 apples": accepted
    south: block 2 joins
    south: block 3 joins
    south: block 4 joins
Before they meet:
  north at block 3: ann has 6 apples, bob has 4 apples, bob has 2 pears; 0 waiting
  south at block 4: cid has 7 apples, ann has 3 apples; 0 waiting
They meet; the branch with most work stays:
  south's block 2 at north: branch
  south's block 3 at north: branch
    north: block 3 leaves
    north: block 2 leaves
    north: block 2 joins
    north: block 3 joins
    north: block 4 joins
  south's block 4 at north: accepted
After it; what Bob said waits again, and Ann's first gift is void:
  north at block 4: cid has 7 apples, ann has 3 apples; 2 waiting
  south at block 4: cid has 7 apples, ann has 3 apples; 0 waiting
The next block holds Bob's pears again:
    north: block 5 joins
    south: block 5 joins
  north at block 5: cid has 7 apples, ann has 3 apples, bob has 2 pears; 0 waiting
  south at block 5: cid has 7 apples, ann has 3 apples, bob has 2 pears; 0 waiting
North makes a block alone, in which Cid gives apples to Bob, and closes:
  north: cid says "give 5 apples": accepted
    north: block 6 joins
  north at block 6: cid has 2 apples, ann has 3 apples, bob has 5 apples, bob has 2 pears; 0 waiting
South makes two, which reach north's file while nobody looks after its stock:
  south: cid says "give 1 apples": accepted
    south: block 6 joins
    south: block 7 joins
  south's block 6 at north: branch
  south's block 7 at north: accepted
North opens again and is told what it missed:
    north: block 6 leaves
    north: block 6 joins
    north: block 7 joins
  north at block 7: cid has 6 apples, ann has 4 apples, bob has 2 pears; 0 waiting
  south at block 7: cid has 6 apples, ann has 4 apples, bob has 2 pears; 0 waiting
Both inventories are the same.
"""


def tell(folder):
    return run([BUILD / "bin" / "inventory"], environment=dict(os.environ, TMPDIR=str(folder)))


def the_story_is_told():
    with tempfile.TemporaryDirectory() as folder:
        status, out, err = tell(folder)
        check(status == 0 and not err, f"{status}: {err}")
        for number, (told, expected) in enumerate(zip(out.splitlines(), STORY.splitlines())):
            check(told == expected, f"line {number + 1} is {told!r}, not {expected!r}")
        check(out == STORY, f"{len(out.splitlines())} lines: {out}")
        check(not list(pathlib.Path(folder).iterdir()), "it leaves something behind")


def no_folder_no_story():
    status, out, err = tell("/nonexistent")
    check(status == 1 and not out and "No such file or directory" in err, f"{status}: {out}{err}")


if __name__ == "__main__":
    sys.exit(main([the_story_is_told, no_folder_no_story]))
