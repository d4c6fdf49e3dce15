using System.Globalization;

namespace PromptPilot.Core.Liquid.Filters;

/// <summary>Arithmetic over whole numbers while it fits, else over decimals, else over doubles.</summary>
internal static class LiquidMath
{
    public static object Combine(
        object? left,
        object? right,
        Func<long, long, long> whole,
        Func<decimal, decimal, decimal> exact,
        Func<double, double, double> floating
    )
    {
        var a = LiquidValue.ToNumber(left);
        var b = LiquidValue.ToNumber(right);
        try
        {
            if (a is long x && b is long y)
            {
                try
                {
                    return whole(x, y);
                }
                catch (OverflowException)
                {
                    return exact(x, y);
                }
            }

            if (a is not double && b is not double)
            {
                return exact(Decimal(a), Decimal(b));
            }

            var result = floating(Double(a), Double(b));
            return double.IsFinite(result) ? result : throw new OverflowException();
        }
        catch (OverflowException)
        {
            throw new LiquidException("the number is too large.", 0);
        }
        catch (DivideByZeroException)
        {
            throw new LiquidException("division by zero.", 0);
        }
    }

    public static object Map(object? value, Func<decimal, decimal> exact)
    {
        try
        {
            return Shrink(exact(Decimal(LiquidValue.ToNumber(value))));
        }
        catch (OverflowException)
        {
            throw new LiquidException("the number is too large.", 0);
        }
    }

    /// <summary>A value as a whole number; fractions are cut off.</summary>
    public static int ToInt(object? value, int otherwise) => (int)Math.Clamp(ToWhole(value, otherwise), int.MinValue, int.MaxValue);

    public static long ToWhole(object? value, long otherwise) =>
        value is null
            ? otherwise
            : LiquidValue.ToNumber(value) switch
            {
                long whole => whole,
                decimal exact => (long)Math.Clamp(exact, long.MinValue, long.MaxValue),
                double number => (long)Math.Clamp(double.IsNaN(number) ? 0 : number, long.MinValue, long.MaxValue),
                _ => otherwise,
            };

    /// <summary>A decimal without fraction becomes a whole number.</summary>
    public static object Shrink(decimal value) =>
        value == decimal.Truncate(value) && Math.Abs(value) < long.MaxValue ? (object)(long)value : value;

    private static decimal Decimal(object number) =>
        number is double floating ? (decimal)floating : Convert.ToDecimal(number, CultureInfo.InvariantCulture);

    private static double Double(object number) => Convert.ToDouble(number, CultureInfo.InvariantCulture);
}
