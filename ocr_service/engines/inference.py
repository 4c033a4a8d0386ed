"""Runs an ONNX network on one core: with OpenVINO where it is here, with ONNX Runtime elsewhere.

Measured on one core with AVX-512 and AMX, PP-OCRv6 small, milliseconds for a page of 960 by 704 and
for a line of 320 pixels: ONNX Runtime 545 and 12.7, OpenVINO in float32 154 and 11.6, in bfloat16,
which it chooses where the processor has it, 77 and 3.4.
"""

import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float32]
Network: TypeAlias = Callable[[Floats], Floats]
"""Maps one batch to one result; the result may be overwritten by the next call."""

# OpenVINO tells Google Analytics, in its maker's name, whenever it is imported, and keeps a number
# for this user in ~/intel. Where this package is missing it does neither.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]

_KERNELS = 5000  # OpenVINO's own default


def load(
    model: Path, classes: npt.NDArray[np.int64] | None = None, kernels: int = _KERNELS
) -> Network:
    """Load a network of one input and one output.

    Args:
        model: An ``.onnx`` file.
        classes: For a network that ends in a softmax over classes: those to tell apart, by index;
            None for all. The result's last axis has them in this order.
        kernels: How many parts of the network, compiled for shapes seen before, are kept.

    Returns:
        The network, which raises MemoryError if it cannot be run.
    """
    if find_spec("openvino"):
        return _whole(openvino(model, classes, kernels))
    return _whole(onnxruntime(model, classes))  # which keeps nothing for a shape


def _whole(network: Network) -> Network:
    """Network and shapes are our own, so that memory is all that can be missing.

    Neither runtime has an exception of its own for that.
    """

    def run(batch: Floats) -> Floats:
        try:
            return network(batch)
        except Exception as exc:
            raise MemoryError("a network could not be run") from exc

    return run


def metadata(model: Path, key: str) -> str:
    """Return what the model's file says under a key of its metadata."""
    if find_spec("openvino"):
        import openvino as ov

        return str(ov.Core().read_model(model).get_rt_info(["framework", key]).astype(str))
    import onnxruntime as ort

    session = ort.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    return str(session.get_modelmeta().custom_metadata_map[key])


def onnxruntime(model: Path, classes: npt.NDArray[np.int64] | None = None) -> Network:
    """Load a network into ONNX Runtime; see `load`."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # a worker is one core
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.enable_mem_pattern = False  # shapes change with every line
    options.log_severity_level = 3
    session = ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name

    def run(batch: Floats) -> Floats:
        result: Floats = session.run(None, {name: batch})[0]
        if classes is None:
            return result
        kept = result[..., classes]
        return np.asarray(kept / kept.sum(axis=-1, keepdims=True), np.float32)

    return run


def openvino(
    model: Path, classes: npt.NDArray[np.int64] | None = None, kernels: int = _KERNELS
) -> Network:
    """Load a network into OpenVINO; see `load`."""
    import openvino as ov

    core = ov.Core()
    network = core.read_model(model)
    if classes is not None:
        _keep_classes(network, classes)
    compiled = core.compile_model(
        network,
        "CPU",
        {
            "INFERENCE_NUM_THREADS": 1,
            "NUM_STREAMS": 1,
            "ENABLE_CPU_PINNING": False,
            "CPU_RUNTIME_CACHE_CAPACITY": kernels,
        },
    )
    request = compiled.create_infer_request()

    def run(batch: Floats) -> Floats:
        request.start_async([batch], share_inputs=True)
        request.wait()  # `infer` hides that it failed, and leaves the last page's result there
        result: Floats = request.get_output_tensor(0).data
        return result

    return run


def _keep_classes(network: Any, classes: npt.NDArray[np.int64]) -> None:
    """Cut the unwanted classes out of the last layer: ``softmax(features @ weights + bias)``.

    They are not computed at all then, which takes a seventh off the time of a line.
    """
    from openvino import opset13

    layer = network.get_results()[0].input_value(0).get_node()
    kind = ""
    while kind != "MatMul":
        first, *rest = (value.get_source_output() for value in layer.inputs())
        kind = layer.get_type_name()
        if kind in {"Add", "MatMul"}:  # bias and weights, in which classes are the last axis
            last = np.int64(len(rest[0].get_shape()) - 1)
            fewer = opset13.gather(rest[0], classes, last)
            layer.inputs()[1].replace_source_output(fewer.output(0))
        layer = first.get_node()
    network.validate_nodes_and_infer_types()
