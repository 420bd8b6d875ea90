from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from toy import rng

torch = pytest.importorskip("torch")
stats = pytest.importorskip("scipy.stats")

from textsynth.networks.latent import GaussianPrior, Latents, active_units, log_density  # noqa: E402
from textsynth.networks.vae import Posterior  # noqa: E402


def latents(mean: list[list[float]], deviation: list[list[float]], classes: list[int]) -> Latents:
    return Latents(np.array(mean, np.float32), np.array(deviation, np.float32), np.array(classes))


def random_prior() -> tuple[GaussianPrior, np.ndarray]:
    """Gaussians of three dimensions for two classes, with their covariances."""
    roots = rng("roots").standard_normal((2, 3, 3))
    means = np.array([[0.0, 1.0, -2.0], [5.0, 5.0, 5.0]])
    return GaussianPrior(means, roots), np.einsum("kij,klj->kil", roots, roots)


def test_of_posteriors():
    posterior = Posterior(torch.tensor([[1.0, 2.0]]), torch.tensor([[0.0, math.log(9)]]))
    found = Latents.of(posterior, np.array([4]))
    assert found.mean.tolist() == [[1, 2]]
    assert found.deviation == pytest.approx(np.array([[1, 3]]))
    assert found.classes.tolist() == [4]


def test_points_around_sentences():
    source = latents([[0, 10], [100, -5]], [[1, 2], [3, 0]], [0, 1])
    rows = np.repeat([0, 1], 200_000)
    for sigmas in (0.0, 1.0, 2.0):
        points = source.draw(rows, rng(1), sigmas).reshape(2, 200_000, 2)
        assert points.dtype == np.float32
        assert points.mean(axis=1) == pytest.approx(source.mean, abs=0.1)
        assert points.std(axis=1) == pytest.approx(source.deviation * sigmas, abs=0.1)
    assert np.array_equal(source.draw(np.array([1, 0, 1]), rng(1), 0.0), source.mean[[1, 0, 1]])


def test_the_nearest_sentence_is_one_of_the_same_class():
    source = latents([[0, 0], [10, 0], [0, 1], [10, 1]], [[1, 1]] * 4, [0, 0, 1, 1])
    points = np.array([[1, 0], [9, 0], [1, 0], [9, 9], [0, 0.9]], np.float32)
    assert source.nearest(points, np.array([0, 0, 1, 1, 0])).tolist() == [0, 1, 2, 3, 0]
    assert source.nearest(np.zeros((0, 2), np.float32), np.zeros(0, np.int64)).tolist() == []


def test_the_nearest_of_many_as_by_brute_force():
    stream = rng("many")
    means, classes = stream.standard_normal((300, 4)).astype(np.float32), stream.integers(3, size=300)
    source = Latents(means, np.ones_like(means), classes)
    points, asked = stream.standard_normal((5000, 4)).astype(np.float32), stream.integers(3, size=5000)
    distances = ((points[:, None] - means[None]) ** 2).sum(axis=2)
    distances[asked[:, None] != classes[None]] = np.inf
    assert np.array_equal(source.nearest(points, asked), distances.argmin(axis=1))


def test_latents_are_written_and_read(tmp_path: Path):
    source = latents([[0.1, 2], [3, 4]], [[1, 2], [0.3, 4]], [1, 0])
    source.write(tmp_path / "latents")
    again = Latents.read(tmp_path / "latents")
    for name, array in vars(source).items():
        assert np.array_equal(getattr(again, name), array)
        assert getattr(again, name).dtype == array.dtype


def test_active_units():
    posterior = Posterior(torch.tensor([[0.0, 5.0, 1.0], [0.0, 5.05, 3.0]]), torch.zeros(2, 3))
    assert active_units(posterior) == 1
    assert active_units(Posterior(posterior.mean[:1], posterior.log_variance[:1])) == 0


def test_log_density_of_posteriors():
    mean, deviation = np.array([[1.0, -2.0], [0.0, 0.5]]), np.array([[0.5, 2.0], [1.0, 3.0]])
    points = np.array([[1.5, 0.0], [-1.0, 4.0]])
    expected = stats.norm.logpdf(points, mean, deviation).sum(axis=1)
    tensors = (torch.from_numpy(each) for each in (points, mean, 2 * np.log(deviation)))
    assert log_density(*tensors).numpy() == pytest.approx(expected)


def test_log_density_of_the_prior():
    prior, covariances = random_prior()
    points, classes = rng("points").standard_normal((50, 3)) * 4, np.arange(50) % 2
    expected = [
        stats.multivariate_normal.logpdf(point, prior.mean[number], covariances[number])
        for point, number in zip(points, classes, strict=True)
    ]
    assert prior.log_density(points, classes) == pytest.approx(np.array(expected))


def test_points_of_the_prior_have_its_mean_and_covariance():
    prior, covariances = random_prior()
    points = prior.draw(np.repeat([1, 0], 40_000), rng("draw"))
    assert points.dtype == np.float32
    for number, part in ((1, points[:40_000]), (0, points[40_000:])):
        assert part.mean(axis=0) == pytest.approx(prior.mean[number], abs=0.06)
        assert np.cov(part.T) == pytest.approx(covariances[number], abs=0.15)


def test_the_prior_of_one_class_has_the_covariance_of_means_and_deviations_together():
    mean, deviation = [[0.0, 0.0], [4.0, 2.0]], [[1.0, 1.0], [3.0, 1.0]]
    prior = GaussianPrior.of(latents(mean, deviation, [0, 0]), 1)
    assert prior.mean.tolist() == [[2, 1]]
    # Means lie (2, 1) to both sides; variances are 5 and 1 on average.
    assert prior.root[0] @ prior.root[0].T == pytest.approx(np.array([[4 + 5, 2], [2, 1 + 1]]))


def test_a_class_of_one_sentence_borrows_from_the_others():
    mean, deviation = [[0.0, 0.0], [2.0, 0.0], [7.0, 7.0]], [[1.0, 1.0], [1.0, 1.0], [0.5, 0.5]]
    prior = GaussianPrior.of(latents(mean, deviation, [0, 0, 1]), 3)
    assert prior.mean.tolist() == [[1, 0], [7, 7], [0, 0]]
    # About their own means the three are spread by [4, 2] and [0.25, 0.25] together; that of all is a third of it.
    pooled = np.diag([4.25, 2.25]) / 3
    own = [np.diag([4.0, 2.0]), np.diag([0.25, 0.25]), np.zeros((2, 2))]
    for number, count in enumerate((2, 1, 0)):
        expected = (own[number] + 2 * pooled) / (count + 2)
        assert prior.root[number] @ prior.root[number].T == pytest.approx(expected)


def test_the_prior_of_many_points_of_a_gaussian_is_that():
    prior, covariances = random_prior()
    classes = np.arange(20_000) % 2
    points = prior.draw(classes, rng("many"))
    found = GaussianPrior.of(Latents(points, np.full_like(points, 0.01), classes), 2)
    assert found.mean == pytest.approx(prior.mean, abs=0.1)
    assert np.einsum("kij,klj->kil", found.root, found.root) == pytest.approx(covariances, abs=0.3)
