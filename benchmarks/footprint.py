"""What a contender takes: memory of a worker, and the engines' libraries that it loaded."""

from contextlib import suppress

import psutil

MIB = 2**20
_LIBRARIES = ("tesseract", "onnxruntime", "openvino", "torch")


def worker_mib(pid: int, workers: int) -> float:
    """Return the memory of a worker in MiB, as PSS: pages shared by n processes count 1/n.

    Args:
        pid: Of the process that started the workers.
        workers: How many there are. They are its largest descendants, and the mean is taken.
    """
    sizes = []
    for process in psutil.Process(pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            sizes.append(process.memory_full_info().pss)
    return sum(sorted(sizes)[-workers:]) / workers / MIB


def libraries(pid: int) -> list[str]:
    """Return which of the engines' libraries are mapped in any process below this one."""
    mapped = set()
    for process in psutil.Process(pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            mapped |= {part.path.rpartition("/")[2] for part in process.memory_maps()}
    return [name for name in _LIBRARIES if any(name in file for file in mapped)]
