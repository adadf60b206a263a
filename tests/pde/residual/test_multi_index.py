import pytest
import torch

from edgewise.errors import InputError
from edgewise.pde.residual.multi_index import chain_terms, closure, product_terms


def test_closure_holds_every_lower_derivative_once():
    assert closure([(1, 0), (0, 0, 0)]) == ((), (0,), (1,), (0, 0), (0, 1), (0, 0, 0))


def test_too_high_an_order_is_refused():
    with pytest.raises(InputError, match="at most 4"):
        closure([(0, 0, 0, 0, 0)])


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_chain_terms_give_the_derivatives_of_a_composed_function(order):
    x = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)

    def derivatives(value, count):
        found = [value]
        for _ in range(count):
            found.append(torch.autograd.grad(found[-1], x, create_graph=True)[0])
        return found

    inner = derivatives(torch.sin(x), order)
    outer = torch.exp(torch.sin(x))  # every derivative of exp is exp
    total = sum(
        term.times * outer * torch.stack([inner[len(block)] for block in term.blocks]).prod()
        for term in chain_terms((0,) * order)
    )
    torch.testing.assert_close(total, derivatives(torch.exp(torch.sin(x)), order)[order])


def test_product_terms_count_as_leibniz_does():
    assert sorted(count for count, _, _ in product_terms((0, 0, 0))) == [1, 1, 3, 3]
    assert sum(count for count, _, _ in product_terms((0, 1, 1))) == 8
