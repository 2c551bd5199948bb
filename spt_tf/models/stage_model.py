"""What the models of all stages share: one train step for any number of optimizers."""

from typing import NamedTuple, Optional

import tensorflow as tf

from spt_tf.losses.reduction import global_mean


class StageLosses(NamedTuple):
    """Losses of one batch, every value per example `[B]`.

    objectives: for each optimizer, what its variables minimise.
    terms: the named, unweighted terms that are logged.
    """

    objectives: dict[str, tf.Tensor]
    terms: dict[str, tf.Tensor]


class StageModel(tf.keras.Model):
    """A Keras model whose subclasses say what to minimise (`compute_stage_losses`) and over which
    variables (`variable_groups`).

    All groups' gradients are taken at the same point and from one forward pass. A discriminator does
    not move when its generator does, and the generator's pictures were made before either step, so
    this equals stepping the generators first and the discriminators after them.
    """

    def __init__(self, seed: int):
        super().__init__()
        self.seed = seed
        self.step = tf.Variable(
            0,
            dtype=tf.int64,
            trainable=False,
            name="step",
            aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
        )
        self._trackers: dict[str, tf.keras.metrics.Mean] = {}

    def compute_stage_losses(
        self, batch: dict[str, tf.Tensor], dropout_seed: Optional[tf.Tensor]
    ) -> StageLosses:
        """Losses of a batch of `data.pipeline.training_batches`; dropout acts iff a seed is given."""
        raise NotImplementedError

    def variable_groups(self) -> dict[str, list[tf.Variable]]:
        """The variables each optimizer moves."""
        raise NotImplementedError

    def networks(self) -> dict[str, tf.keras.Model]:
        """The networks by name, as later stages and finished runs load them."""
        raise NotImplementedError

    def compile(
        self, optimizer: dict[str, tf.keras.optimizers.Optimizer], jit_compile: bool = False, **kwargs
    ) -> None:
        """optimizer: one for each of `variable_groups`; their state is made here, to be restored into."""
        super().compile(optimizer=optimizer, jit_compile=jit_compile, **kwargs)
        # The means are those of all workers already; Keras would add them up once more.
        self.distribute_reduction_method = "first"
        for name, variables in self.variable_groups().items():
            self.optimizer[name].build(variables)

    @property
    def metrics(self) -> list[tf.keras.metrics.Metric]:
        return list(self._trackers.values())

    def _track(self, terms: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        for name, values in terms.items():
            self._trackers[name].update_state(values)
        return {name: self._trackers[name].result() for name in terms}

    def create_variables(self, batch: dict[str, tf.Tensor]) -> None:
        """Builds every network, and one mean per loss term, by looking at an example batch.

        Called once under the strategy's scope before `compile`: nothing is created inside a train step.
        """
        terms = self.compute_stage_losses(batch, None).terms
        self._trackers = {name: tf.keras.metrics.Mean(name) for name in terms}

    def _dropout_seeds(self, batch: dict[str, tf.Tensor]) -> tf.Tensor:
        """int32 `[B,2]`, a function of (seed, step, place in the global batch).

        A resumed run drops the same units, and so do two replicas that share the batch of one.
        """
        examples = tf.shape(batch["source_keypoints"])[0]
        replica = tf.cast(tf.distribute.get_replica_context().replica_id_in_sync_group, tf.int32)
        places = replica * examples + tf.range(examples)
        step = tf.cast(tf.fill([examples], self.step), tf.int32)
        return tf.stack([self.seed * 65536 + places, step], axis=1)

    def train_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """One step of every optimizer; returns the running mean of each term."""
        replicas = tf.distribute.get_strategy().num_replicas_in_sync
        groups = self.variable_groups()
        with tf.GradientTape(persistent=True) as tape:
            losses = self.compute_stage_losses(batch, self._dropout_seeds(batch))
            totals = {
                name: _scaled(self.optimizer[name], global_mean(losses.objectives[name], replicas))
                for name in groups
            }
        # Zero, not None, for layers a local enhancer has wholly replaced: optimizers warn of None.
        gradients = {
            name: tape.gradient(
                totals[name], groups[name], unconnected_gradients=tf.UnconnectedGradients.ZERO
            )
            for name in groups
        }
        for name, variables in groups.items():
            _apply(self.optimizer[name], gradients[name], variables)
        self.step.assign_add(1)
        return self._track(losses.terms)

    def test_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """The same losses without dropout and without a step."""
        return self._track(self.compute_stage_losses(batch, None).terms)


def trainable_variables(networks: dict[str, tf.keras.Model]) -> list[tf.Variable]:
    """The networks' trainable variables, each once: one network may be a part of another."""
    found = {v.ref(): v for network in networks.values() for v in network.trainable_variables}
    return list(found.values())


def _scaled(optimizer: tf.keras.optimizers.Optimizer, loss: tf.Tensor) -> tf.Tensor:
    if isinstance(optimizer, tf.keras.mixed_precision.LossScaleOptimizer):
        return optimizer.get_scaled_loss(loss)
    return loss


def _apply(
    optimizer: tf.keras.optimizers.Optimizer, gradients: list[tf.Tensor], variables: list[tf.Variable]
) -> None:
    if isinstance(optimizer, tf.keras.mixed_precision.LossScaleOptimizer):
        gradients = optimizer.get_unscaled_gradients(gradients)
    # Keras adds gradients over replicas first and clips their global norm after that.
    optimizer.apply_gradients(zip(gradients, variables))
