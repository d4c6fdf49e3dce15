using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PromptPilot.Core.Data.Postgres;

/// <summary>The number of rows, and a sum over their values that does not depend on their order.</summary>
internal readonly record struct TableSum(long Rows, long Sum)
{
    public TableSum With(IEnumerable<object?> values)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var value in values)
        {
            // The kind and the length, so that no two rows are written alike.
            var bytes = BytesOf(value);
            var kind = string.Create(CultureInfo.InvariantCulture, $"{value?.GetType().Name} {bytes.Length} ");
            hash.AppendData(Encoding.UTF8.GetBytes(kind));
            hash.AppendData(bytes);
        }

        return new TableSum(Rows + 1, unchecked(Sum + BitConverter.ToInt64(hash.GetHashAndReset())));
    }

    private static byte[] BytesOf(object? value) =>
        value switch
        {
            null => [],
            byte[] bytes => bytes,
            string text => Encoding.UTF8.GetBytes(text),
            string[] texts => Encoding.UTF8.GetBytes(string.Join('\0', texts)),
            bool flag => [flag ? (byte)1 : (byte)0],
            DateTime time => BitConverter.GetBytes(time.Ticks),
            IFormattable number => Encoding.UTF8.GetBytes(number.ToString(null, CultureInfo.InvariantCulture)),
            _ => throw new NotSupportedException($"A {value.GetType().Name} cannot be compared."),
        };
}
