"""The nodes of the library in compiled code: parents, labels, and children by (level, label).

Children of node n stand at CHILD[CHILD_START[n]:CHILD_START[n + 1]], sorted by CHILD_KEY (level << LABEL_BITS | label).
"""

from address_matching.compiled.hashing import find, hash_of, mix
from address_matching.compiled.kernel import compiled
from address_matching.compiled.layout import (
    BY_LABEL,
    CHILD,
    CHILD_KEY,
    CHILD_START,
    LABEL_BASE,
    LABEL_OF,
    LABEL_START,
    LABEL_TEXT,
    MOST_NODES,
    NODE_LEVEL,
    PARENT_OF,
    Characters,
    Memory,
)

LABEL_BITS = 27


@compiled
def label_key(text: Characters, start: int, end: int, level: int) -> int:
    return mix(hash_of(text, start, end), level)


@compiled
def label_of(memory: Memory, start: int, end: int, level: int) -> int:
    """Return the label at a level that reads memory.text[start:end], -1 if the library has none."""
    return find(memory, BY_LABEL, label_key(memory.text, start, end, level))


@compiled
def first_child(memory: Memory, node: int, wanted: int) -> int:
    """Return the position of the first child of a node with a key not below `wanted`."""
    low, high = memory.ints[memory.at[CHILD_START] + node], memory.ints[memory.at[CHILD_START] + node + 1]
    while low < high:
        middle = (low + high) >> 1
        if memory.ints[memory.at[CHILD_KEY] + middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def level_start(memory: Memory, node: int, level: int) -> int:
    """Return the position of the first child of a node at a level, or where it would stand; up to that of the next level stand the others."""
    return first_child(memory, node, level << LABEL_BITS)


@compiled
def add_children(memory: Memory, node: int, level: int, label: int, out: int, count: int) -> int:
    """Append the children of a node with a label to the working memory at out + count; returns the new count, -1 if there are too many."""
    wanted = level << LABEL_BITS | label
    at = first_child(memory, node, wanted)
    end = memory.ints[memory.at[CHILD_START] + node + 1]
    while at < end and memory.ints[memory.at[CHILD_KEY] + at] == wanted:
        if count == MOST_NODES:
            return -1
        memory.work[out + count] = memory.ints[memory.at[CHILD] + at]
        count += 1
        at += 1
    return count


@compiled
def has_children_at(memory: Memory, node: int, level: int) -> bool:
    return level_start(memory, node, level) < level_start(memory, node, level + 1)


@compiled
def ancestor(memory: Memory, node: int, level: int) -> int:
    """Return the ancestor (or the node itself) at a level, -1 for none."""
    at = node
    while at >= 0 and memory.small[memory.at[NODE_LEVEL] + at] > level:
        at = memory.ints[memory.at[PARENT_OF] + at]
    return at if at >= 0 and memory.small[memory.at[NODE_LEVEL] + at] == level else -1


@compiled
def is_under(memory: Memory, node: int, above: int) -> bool:
    at = node
    while at > above:
        at = memory.ints[memory.at[PARENT_OF] + at]
    return at == above


@compiled
def label_place(memory: Memory, node: int) -> tuple[int, int]:
    """Return where the text of a node's label begins and ends."""
    at = (memory.ints[memory.at[LABEL_BASE] + memory.small[memory.at[NODE_LEVEL] + node]]) + memory.ints[memory.at[LABEL_OF] + node]
    return memory.ints[memory.at[LABEL_START] + at], memory.ints[memory.at[LABEL_START] + at + 1]


@compiled
def may_be_cut(memory: Memory, node: int) -> bool:
    """Whether another number beside a plate or building begins with its digits: 安阳路5 may be 安阳路55号 cut short."""
    level = memory.small[memory.at[NODE_LEVEL] + node]
    first, last = label_place(memory, node)
    parent = memory.ints[memory.at[PARENT_OF] + node]
    for at in range(level_start(memory, parent, level), level_start(memory, parent, level + 1)):
        other, end = label_place(memory, memory.ints[memory.at[CHILD] + at])
        if end - other > last - first and 48 <= memory.small[memory.at[LABEL_TEXT] + other + last - first] <= 57:
            same = True
            for position in range(last - first):
                same = (
                    same
                    and memory.small[memory.at[LABEL_TEXT] + first + position] == memory.small[memory.at[LABEL_TEXT] + other + position]
                )
            if same:
                return True
    return False
