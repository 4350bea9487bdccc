import numpy as np
from imagery.colours import nearest_names


def test_pixels_get_the_nearest_name():
    pixels = np.array([[0, 0, 0], [255, 255, 255], [210, 20, 30]], dtype=np.float32)
    assert nearest_names(pixels).tolist() == ["black", "white", "red"]
