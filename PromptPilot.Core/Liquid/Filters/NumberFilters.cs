namespace PromptPilot.Core.Liquid.Filters;

internal static class NumberFilters
{
    public static IEnumerable<LiquidFilter> All =>
        [
            new(
                "abs",
                0,
                0,
                (value, _) =>
                    LiquidValue.ToNumber(value) is double number
                        ? Math.Abs(number)
                        : LiquidMath.Combine(value, 0L, (a, _) => Math.Abs(a), (a, _) => Math.Abs(a), (a, _) => Math.Abs(a))
            ),
            new("at_least", 1, 1, (value, args) => LiquidMath.Combine(value, args[0], Math.Max, Math.Max, Math.Max)),
            new("at_most", 1, 1, (value, args) => LiquidMath.Combine(value, args[0], Math.Min, Math.Min, Math.Min)),
            new("ceil", 0, 0, (value, _) => LiquidMath.Map(value, Math.Ceiling)),
            new("floor", 0, 0, (value, _) => LiquidMath.Map(value, Math.Floor)),
            new("round", 0, 1, (value, args) => Round(value, LiquidMath.ToInt(args.ElementAtOrDefault(0), 0))),
            new(
                "plus",
                1,
                1,
                (value, args) => LiquidMath.Combine(value, args[0], (a, b) => checked(a + b), (a, b) => a + b, (a, b) => a + b)
            ),
            new(
                "minus",
                1,
                1,
                (value, args) => LiquidMath.Combine(value, args[0], (a, b) => checked(a - b), (a, b) => a - b, (a, b) => a - b)
            ),
            new(
                "times",
                1,
                1,
                (value, args) => LiquidMath.Combine(value, args[0], (a, b) => checked(a * b), (a, b) => a * b, (a, b) => a * b)
            ),
            new("divided_by", 1, 1, (value, args) => LiquidMath.Combine(value, args[0], FloorDivide, (a, b) => a / b, (a, b) => a / b)),
            new(
                "modulo",
                1,
                1,
                (value, args) =>
                    LiquidMath.Combine(
                        value,
                        args[0],
                        (a, b) => b == -1 ? 0 : a - (b * FloorDivide(a, b)),
                        (a, b) => a - (b * Math.Floor(a / b)),
                        (a, b) => a - (b * Math.Floor(a / b))
                    )
            ),
        ];

    /// <summary>Whole numbers divide downwards, as Ruby's do.</summary>
    private static long FloorDivide(long a, long b)
    {
        if (b == -1)
        {
            return checked(-a);
        }

        var quotient = a / b;
        return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
    }

    private static object Round(object? value, int digits) =>
        digits <= 0 && LiquidValue.ToNumber(value) is long whole && digits == 0 ? whole
        : digits > 0 ? LiquidMath.Map(value, number => Math.Round(number, Math.Min(digits, 28), MidpointRounding.AwayFromZero))
        : LiquidMath.Map(value, number => Math.Round(number, MidpointRounding.AwayFromZero));
}
